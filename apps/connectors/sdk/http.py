"""HTTP through the egress policy: bounded in time, size, redirects and patience."""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from apps.connectors.sdk import guard
from apps.connectors.sdk.context import Limits
from apps.connectors.sdk.egress import EgressPolicy
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.scrub import Scrubber

_REDIRECTS: Final = 5
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_BY_STATUS: Final = {
    401: "authentication_failed",
    403: "permission_denied",
    404: "unknown_table",
    407: "authentication_failed",
    408: "timeout",
    410: "unknown_table",
    429: "rate_limited",
}


@dataclass(frozen=True, slots=True)
class Response:
    """`url` is where the answer came from, after redirects."""

    url: httpx.URL
    headers: httpx.Headers
    content: bytes


class EgressTransport(httpx.BaseTransport):
    """Connects to the address that the policy has checked, whatever the name resolves to by then. TLS and
    the Host header keep the name. Each hop of a redirect passes here again."""

    def __init__(self, egress: EgressPolicy) -> None:
        self._egress = egress
        self._inner: dict[tuple[str, int], httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        endpoint = self._egress.check(request.url.host, port)
        # A pool for each name: a connection that proved to be one name is never used for another.
        inner = self._inner.setdefault((endpoint.host, port), httpx.HTTPTransport(trust_env=False, retries=0))
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=endpoint.address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": endpoint.host},
        )
        return inner.handle_request(checked)

    def close(self) -> None:
        for inner in self._inner.values():
            inner.close()


class HttpClient:
    """GET requests with `headers`, which are sent to the first origin only, never along a redirect away."""

    def __init__(self, egress: EgressPolicy, limits: Limits, scrub: Scrubber, headers: Mapping[str, str]) -> None:
        self._limits = limits
        self._scrub = scrub
        self._headers = dict(headers)
        self._stop = threading.Event()
        timeout = httpx.Timeout(limits.request_seconds, connect=limits.connect_seconds)
        self._client = httpx.Client(
            transport=EgressTransport(egress), timeout=timeout, trust_env=False, follow_redirects=False
        )

    def get(self, url: httpx.URL) -> Response:
        """The answer with status 2xx. Raises ConnectorError; tries again what may pass, for a bounded time."""
        for attempt in range(self._limits.retries + 1):
            try:
                return self._once(url)
            except ConnectorError as error:
                wait = error.extra.pop("retry_after", None)
                if attempt == self._limits.retries or error.recovery != "transient" or self._stop.is_set():
                    raise
                pause = 0.25 * 2**attempt if wait is None else float(wait)
                if pause > self._limits.retry_after_seconds:
                    raise
                self._stop.wait(pause)
        raise AssertionError("the last attempt returns or raises")

    def cancel(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self._stop.set()
        self._client.close()

    def _once(self, url: httpx.URL) -> Response:
        # A server that sends a byte now and then never runs into a read timeout: the whole has one, too.
        return guard.call(
            lambda: self._follow(url), seconds=self._limits.request_seconds, what=url.host, check=self._check
        )

    def _check(self) -> None:
        if self._stop.is_set():
            raise failure("cancelled", "the request was stopped")

    def _follow(self, url: httpx.URL) -> Response:
        origin = _origin(url)
        for _ in range(_REDIRECTS + 1):
            headers = {"Accept": "application/json", "User-Agent": "uzo"}
            if _origin(url) == origin:
                headers |= self._headers
            try:
                with self._client.stream("GET", url, headers=headers) as answer:
                    if not answer.has_redirect_location:
                        return self._received(answer, url)
                    following = url.join(answer.headers["location"])
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._classified(error, url) from None
            if following.scheme not in ("http", "https") or (url.scheme == "https" and following.scheme == "http"):
                raise failure("egress_blocked", f"{url.host} redirects to another scheme")
            url = following
        raise failure("invalid_response", f"{url.host} redirects more than {_REDIRECTS} times")

    def _received(self, answer: httpx.Response, url: httpx.URL) -> Response:
        if not answer.is_success:
            raise self._refused(answer, url)
        deadline = time.monotonic() + self._limits.request_seconds
        parts, size = [], 0
        for chunk in answer.iter_bytes(2**16):
            parts.append(chunk)
            size += len(chunk)
            if size > self._limits.response_bytes:
                raise failure(
                    "response_too_large", f"{url.host} answers with more than {self._limits.response_bytes:,} bytes"
                )
            if time.monotonic() > deadline or self._stop.is_set():
                raise failure("timeout", f"{url.host} took longer than {self._limits.request_seconds:g} s to answer")
        return Response(url, answer.headers, b"".join(parts))

    def _refused(self, answer: httpx.Response, url: httpx.URL) -> ConnectorError:
        status = answer.status_code
        code = _BY_STATUS.get(status, "server_error" if status >= 500 else "request_refused")
        error = failure(code, self._scrub(f"{url.host} answers {status} for {url.path}"))
        if status in _AGAIN:
            error.extra["retry_after"] = _seconds(answer.headers.get("retry-after"))
        return error

    def _classified(self, error: Exception, url: httpx.URL) -> ConnectorError:
        text = self._scrub(f"{url.host}: {str(error) or type(error).__name__}")
        if isinstance(error, httpx.TimeoutException):
            return failure("timeout", text)
        if isinstance(error, httpx.ConnectError):
            return failure("tls_failed" if "SSL" in text or "CERTIFICATE" in text else "connection_failed", text)
        if isinstance(error, httpx.TransportError):
            return failure("connection_lost", text)
        return failure("invalid_response", text)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _seconds(value: str | None) -> float | None:
    """A Retry-After header in seconds from now; None if there is none that can be read."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:12])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
