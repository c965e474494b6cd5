"""How one page leads to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field

from apps.connectors.catalog.http.records import at_path
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.http import Response


class Pagination(BaseModel):
    """`page` and `offset` count up until a page is empty, or shorter than `size`; `cursor` sends the value
    found at `cursor_path` back as `parameter` (or follows it where it is a URL); `link` follows the Link
    header's rel="next"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["none", "page", "offset", "cursor", "link"] = "none"
    parameter: str = Field(default="", max_length=100, description="Query parameter; page, offset or cursor by default")
    size_parameter: str = Field(default="", max_length=100, description="Query parameter of the page size, if any")
    size: int = Field(default=100, ge=1, le=100_000, description="Rows asked for on a page")
    start: int = Field(default=1, ge=0, description="Number of the first page")
    cursor_path: str = Field(default="next", max_length=200, description="Where an answer holds the next cursor")


class Pages:
    """Walks the URLs of one read, and notices a server that leads in circles."""

    def __init__(self, first: httpx.URL, how: Pagination, *, limit: int) -> None:
        self._how = how
        self._limit = limit
        self._number = how.start if how.type == "page" else 0
        self._seen: set[str] = set()
        self._last: bytes | None = None
        self._empty = 0
        self._first = self._sized(first)
        self.url: httpx.URL | None = self._numbered(self._first)

    def __iter__(self) -> Iterator[httpx.URL]:
        for _ in range(self._limit):
            if self.url is None:
                return
            if str(self.url) in self._seen:
                raise _endless("leads back to a page that was read")
            self._seen.add(str(self.url))
            yield self.url
        raise _endless(f"has more than {self._limit:,} pages")

    def advance(self, response: Response, body: Any, rows: int) -> None:
        """Find out what comes after this answer."""
        self._empty = 0 if rows else self._empty + 1
        if self._empty > 10:
            raise _endless("sends nothing but empty pages")
        self.url = self._next(response, body, rows)
        if self.url is not None and rows and response.content == self._last:
            raise _endless("sends the same page again")
        self._last = response.content

    def _next(self, response: Response, body: Any, rows: int) -> httpx.URL | None:
        match self._how.type:
            case "page" | "offset":
                if rows == 0 or (self._how.size_parameter and rows < self._how.size):
                    return None
                self._number += 1 if self._how.type == "page" else rows
                return self._numbered(self._first)
            case "cursor":
                return self._by_cursor(at_path(body, self._how.cursor_path))
            case "link":
                return self._by_link(response)
            case _:
                return None

    def _by_cursor(self, cursor: Any) -> httpx.URL | None:
        if cursor is None or cursor == "" or isinstance(cursor, dict | list | bool):
            return None
        if isinstance(cursor, str) and cursor.startswith(("http://", "https://", "/")):
            return self._same_origin(self._first.join(cursor))
        return self._first.copy_set_param(self._how.parameter or "cursor", str(cursor))

    def _by_link(self, response: Response) -> httpx.URL | None:
        for link in httpx.Response(200, headers=response.headers).links.values():
            if link.get("rel") == "next" and link.get("url"):
                return self._same_origin(response.url.join(link["url"]))
        return None

    def _same_origin(self, url: httpx.URL) -> httpx.URL:
        """Pages stay where the first one was: the connector's headers go along."""
        first = self._first
        if (url.scheme, url.host, url.port) != (first.scheme, first.host, first.port):
            raise failure("egress_blocked", f"the next page is on another host, {url.host}")
        return url

    def _numbered(self, url: httpx.URL) -> httpx.URL:
        if self._how.type not in ("page", "offset"):
            return url
        return url.copy_set_param(self._how.parameter or self._how.type, self._number)

    def _sized(self, url: httpx.URL) -> httpx.URL:
        return url.copy_set_param(self._how.size_parameter, self._how.size) if self._how.size_parameter else url


def _endless(what: str) -> ConnectorError:
    return failure("endless_pages", f"the server {what}", remedy="Check the pagination of the connector.")
