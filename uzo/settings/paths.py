"""Folders and files of the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from uzo.settings.env import ENV, ROOT

BASE_DIR = ROOT
DATA_DIR = ENV.uzo_data_dir
_IN_BUCKET = (ENV.uzo_run_store or "").startswith("s3://")
RUN_STORE = Path(ENV.uzo_run_store) if ENV.uzo_run_store and not _IN_BUCKET else DATA_DIR / "runs"
"""Folder of run data; where that lies in a bucket, of files that are being written."""
RUN_STORE_BUCKET = {
    "url": ENV.uzo_run_store if _IN_BUCKET else None,
    "endpoint": ENV.uzo_run_store_endpoint,
    "region": ENV.uzo_run_store_region,
    "key_id": ENV.uzo_run_store_key_id,
    "secret": ENV.uzo_run_store_secret,
}
TENANT_STORAGE = DATA_DIR / "tenants"
"""Files that people uploaded, a folder per tenant."""


def secret_file(path: Path) -> str:
    """The content of a file that only we can read; made with 48 random bytes when it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    value = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value
