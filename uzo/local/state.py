"""Where the embedded servers are: written by the launcher, read by the settings.

No Django here, and no settings: those read this module while they are loaded.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

STATE_FILE = "services.json"


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of the embedded servers. Where none was ever started the defaults name ports that
    nothing listens on, so that commands without a database (`check`, `spectacular`) still work."""

    database_url: str = "postgresql://uzo@127.0.0.1:1/uzo"
    redis_url: str = "redis://127.0.0.1:1/0"
    prefect_port: int = 0


def embedded(data_dir: Path) -> Services:
    """The addresses last written by the launcher into this data folder."""
    try:
        known = json.loads((data_dir / STATE_FILE).read_text())
    except FileNotFoundError:
        return Services()
    return Services(**known)


def remember(services: Services, data_dir: Path) -> None:
    """Write the addresses, readable by us alone; they hold passwords."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(data_dir / STATE_FILE, json.dumps(asdict(services), indent=1))


def write_private(path: Path, content: str) -> None:
    """Replace a file in one step; at no moment can anyone else read it, or half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.replace(path)
