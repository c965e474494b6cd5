"""JSON over HTTP."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

import pyarrow as pa
from pydantic import Field, SecretStr, field_validator

from apps.connectors.catalog.http.paging import Pages, Pagination
from apps.connectors.sdk import (
    BatchStream,
    Capabilities,
    Connector,
    ConnectorConfig,
    ReadRequest,
    Table,
    failure,
)
from apps.connectors.sdk.batches import to_batches
from apps.connectors.sdk.frames import selected
from apps.connectors.sdk.rows import RowTypes, frame_of
from apps.nodes.columns import Schema

if TYPE_CHECKING:
    import httpx

    from apps.connectors.sdk.http import HttpClient

_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")
_RESERVED = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})
_SAMPLE_ROWS = 1000


class HttpConfig(ConnectorConfig):
    endpoint = ("base_url",)

    base_url: str = Field(title="Base URL", max_length=2000, description="Tables are paths below it")
    headers: dict[str, SecretStr] = Field(
        default={}, title="Headers", max_length=50, description="Sent with each request; their values are secret"
    )
    records_path: str = Field(default="", title="Records", max_length=200, description="Where the rows are: data.items")
    pagination: Pagination = Field(default=Pagination(), title="Pagination")

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        import httpx

        try:
            url = httpx.URL(value)
        except httpx.InvalidURL as error:
            raise ValueError("not a URL") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("the URL must start with http:// or https:// and name a host")
        if url.userinfo:
            raise ValueError("put credentials into headers, not into the URL")
        if url.query or url.fragment:
            raise ValueError("the base URL has no query and no fragment")
        return value

    @field_validator("headers")
    @classmethod
    def _plain_headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            text = secret.get_secret_value()
            if not _TOKEN.match(name) or name.lower() in _RESERVED:
                raise ValueError(f"{name[:40]!r} is not a header that can be set")
            if len(text) > 8000 or any(ord(character) < 32 or ord(character) > 126 for character in text):
                raise ValueError(f"the value of the header {name!r} is too long or holds control characters")
        return value


class Http(Connector[HttpConfig]):
    """Reads JSON from web APIs.

    `table` is a path below the base URL (`orders`, `v2/orders?state=open`). Rows are the list at
    `records_path`; without one, the answer itself, or the only list of objects in it. Nested values are read
    as json. Pages follow by number, offset, cursor or Link header. Answers that say when to come back are
    obeyed, up to half a minute. Only addresses that the operator's policy allows are reached, redirects
    included, and headers are never sent to another host.
    """

    type = "http"
    label = "HTTP API"
    description = "JSON from a web API"
    category = "api"
    icon = "world"
    color = "#1971c2"
    capabilities: ClassVar[Capabilities] = Capabilities(exact_types=False)
    Config = HttpConfig

    def __init__(self, config: HttpConfig, *, context: Any) -> None:
        super().__init__(config, context=context)
        self._client: HttpClient | None = None

    def probe(self) -> str:
        self._http.get(self._url(""))
        return "the server answers"

    def discover(self, table: str | None = None) -> Sequence[Table]:
        """A web API does not tell its paths: without one there is nothing to discover."""
        if table is None:
            return []
        return [self.query_schema(ReadRequest(table=table))]

    def query_schema(self, request: ReadRequest) -> Table:
        """Columns of the first rows; later ones may bring more."""
        types = RowTypes()
        seen = 0
        for rows in self._pages(request):
            types.add(rows)
            seen += len(rows)
            if seen >= _SAMPLE_ROWS:
                break
        return Table(request.table or "", types.schema)

    def read(self, request: ReadRequest) -> BatchStream:
        # Types are known once all rows have been seen, so they wait on disk.
        spool = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the stream
        try:
            types = RowTypes()
            count = size = 0
            for rows in self._pages(request):
                kept = rows if request.limit is None else rows[: request.limit - count]
                types.add(kept)
                for row in kept:
                    size += spool.write(json.dumps(row) + "\n")
                if size > self.context.limits.total_bytes:
                    raise failure(
                        "response_too_large", f"all pages hold more than {self.context.limits.total_bytes:,} bytes"
                    )
                count += len(kept)
                if request.limit is not None and count >= request.limit:
                    break
            schema = selected(types.schema, request.columns) if count else types.schema
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return BatchStream(schema, _batches(spool, schema, request.batch_rows), close=spool.close)

    def cancel(self) -> None:
        if self._client is not None:
            self._client.cancel()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def _http(self) -> HttpClient:
        if self._client is None:
            from apps.connectors.sdk.http import HttpClient

            headers = {name: secret.get_secret_value() for name, secret in self.config.headers.items()}
            self._client = HttpClient(self.context.egress, self.context.limits, self.scrub, headers)
        return self._client

    def _pages(self, request: ReadRequest) -> Iterator[list[dict[str, Any]]]:
        from apps.connectors.catalog.http import records

        if request.table is None:
            raise self.unsupported("reading by a query")
        pages = Pages(self._url(request.table), self.config.pagination, limit=self.context.limits.pages)
        for url in pages:
            response = self._http.get(url)
            body = records.parse(response.content)
            rows = records.rows_of(body, self.config.records_path or None)
            yield rows
            pages.advance(response, body, len(rows))

    def _url(self, path: str) -> httpx.URL:
        """A path below the base URL; raises `unknown_table` for one that leads elsewhere."""
        import httpx

        plain = unquote(unquote(path)).partition("?")[0]
        leaves = ".." in plain.replace("\\", "/").split("/") or plain.startswith("//") or "://" in plain
        if leaves or "#" in path or any(ord(character) < 33 for character in path) or "\\" in plain:
            raise failure("unknown_table", f"{path[:80]!r} is not a path below the base URL", remedy="Write orders.")
        base = self.config.base_url.rstrip("/")
        return httpx.URL(f"{base}/{path.lstrip('/')}" if path else base or self.config.base_url)


def _batches(spool: IO[str], schema: Schema, size: int) -> Iterator[pa.RecordBatch]:
    rows = []
    for line in spool:
        rows.append(json.loads(line))
        if len(rows) >= min(size, 10_000):
            yield from to_batches(frame_of(rows, schema), size)
            rows = []
    if rows:
        yield from to_batches(frame_of(rows, schema), size)
