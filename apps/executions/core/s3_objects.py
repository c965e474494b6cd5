"""Files of the run store in a bucket of S3, or of what speaks as it does.

A file is written locally and sent in parts; it is read where it lies, a record batch at a time, so that neither
needs memory or disk for the whole. Nothing here may run before a process forks: its client has threads.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from apps.executions.core.objects import Entry
from apps.kernel.errors import TransientNodeError

if TYPE_CHECKING:
    from obstore.store import S3Store

logger = logging.getLogger(__name__)
_PART_BYTES = 8 * 2**20
_PARTS_AT_ONCE = 4
_PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where, and by what right: without keys those of the environment or of the machine's role are used."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    key_id: str | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, **more: str | None) -> Bucket:
        """Read `s3://bucket/prefix`. Raises ValueError for what is no such address."""
        scheme, mark, rest = url.partition("://")
        name, _, prefix = rest.partition("/")
        if scheme != "s3" or not mark or not name or any(sign in name for sign in "@?#"):
            raise ValueError("a run store in S3 is named as s3://bucket/prefix")
        return cls(name, prefix.strip("/"), **more)


class S3Objects:
    """Files below the prefix of a bucket; `scratch` is a local folder."""

    def __init__(self, bucket: Bucket, scratch: Path) -> None:
        self._bucket = bucket
        self._scratch = scratch
        self._opened: S3Store | None = None

    @property
    def scratch(self) -> Path:
        return self._scratch

    def put(self, file: Path, name: str) -> None:
        import obstore

        with _reached():
            obstore.put(self._store, name, file, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)
        file.unlink(missing_ok=True)

    def copy(self, source: str, name: str) -> None:
        import obstore

        with _reached(by_name=True):
            obstore.copy(self._store, source, name)

    def has(self, name: str) -> bool:
        import obstore

        try:
            with _reached(by_name=True):
                obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_ipc(f"s3://{self._bucket.name}/{self._key(name)}", storage_options=self._polars_options())

    def entries(self, prefix: str) -> Iterator[Entry]:
        import obstore

        with _reached():
            for page in obstore.list(self._store, prefix):
                for each in page:
                    yield Entry(each["path"], each["size"], each["last_modified"])

    def folders(self, prefix: str) -> list[str]:
        import obstore

        with _reached():
            found = obstore.list_with_delimiter(self._store, prefix)
        return [each.rstrip("/").rpartition("/")[2] for each in found["common_prefixes"]]

    def delete(self, names: Iterable[str]) -> None:
        import obstore

        with _reached():
            obstore.delete(self._store, list(names))  # a thousand in a request

    def delete_below(self, prefix: str) -> None:
        self.delete([entry.name for entry in self.entries(prefix)])
        shutil.rmtree(self._scratch / prefix, ignore_errors=True)

    # How it is reached

    @property
    def _store(self) -> S3Store:
        if self._opened is None:
            from obstore.store import S3Store

            given = {
                "endpoint": self._bucket.endpoint,
                "region": self._bucket.region,
                "access_key_id": self._bucket.key_id,
                "secret_access_key": self._bucket.secret,
            }
            known: dict[str, Any] = {name: value for name, value in given.items() if value}
            self._opened = S3Store(
                self._bucket.name,
                prefix=self._bucket.prefix or None,
                client_options={"allow_http": self._is_plain, "connect_timeout": "5s", "timeout": "60s"},
                retry_config={"max_retries": 4, "retry_timeout": _PATIENCE},
                virtual_hosted_style_request=self._bucket.endpoint is None,
                **known,
            )
        return self._opened

    @property
    def _is_plain(self) -> bool:
        return (self._bucket.endpoint or "").startswith("http://")

    def _key(self, name: str) -> str:
        return f"{self._bucket.prefix}/{name}" if self._bucket.prefix else name

    def _polars_options(self) -> dict[str, str]:
        given = {
            "aws_endpoint_url": self._bucket.endpoint,
            "aws_region": self._bucket.region,
            "aws_access_key_id": self._bucket.key_id,
            "aws_secret_access_key": self._bucket.secret,
            "aws_allow_http": "true" if self._is_plain else None,
        }
        return {name: value for name, value in given.items() if value}


@contextmanager
def _reached(*, by_name: bool = False) -> Iterator[None]:
    """What the client raises of a store that is away or refuses, as an error with a code; what it says may hold
    addresses and is for the operator's log alone. `by_name`: a file that is not there is FileNotFoundError, else it
    is the bucket that is missing."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        if by_name and isinstance(error, FileNotFoundError):
            raise
        logger.warning("the run store: %s: %s", type(error).__name__, str(error).splitlines()[0][:300])
        raise unreachable() from error


def is_unreachable(error: BaseException) -> bool:
    """Whether Polars says that it could not read from the bucket."""
    return "object-store error" in str(error)


def unreachable() -> TransientNodeError:
    return TransientNodeError(
        "The run store could not be reached, or refused",
        code="run_store_unreachable",
        remedy="Try again; if it stays, have the operator look at the bucket, its keys and the log.",
    )
