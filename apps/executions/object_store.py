"""Which store the operator chose for run data."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.conf import settings
from pydantic import SecretStr

from apps.executions.core.objects import FolderObjects, Objects


def objects() -> Objects:
    """The files of all tenants: in a folder, or in the bucket that the operator named."""
    url = settings.RUN_STORE_BUCKET["url"]
    return FolderObjects(Path(settings.RUN_STORE)) if url is None else _bucket(url, Path(settings.RUN_STORE))


@cache
def _bucket(url: str, scratch: Path) -> Objects:
    from apps.executions.core.s3_objects import Bucket, S3Objects

    said = {name: _plain(value) for name, value in settings.RUN_STORE_BUCKET.items() if name != "url"}
    return S3Objects(Bucket.parse(url, **said), scratch)


os.register_at_fork(after_in_child=_bucket.cache_clear)


def _plain(value: SecretStr | str | None) -> str | None:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
