"""A hostile network: stalls, day-long Retry-After, endless pages, huge bodies, redirects to loopback."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.connectors.sdk import ConnectorContext, ConnectorError, EgressPolicy, Limits, ReadRequest, Storage, registry
from apps.connectors.sdk.http import EgressTransport, HttpClient

SECRET = "heron-4711"
LIMITS = Limits(
    connect_seconds=1, request_seconds=1.5, response_bytes=200_000, total_bytes=400_000, retries=1,
    retry_after_seconds=1, pages=50,
)  # fmt: skip
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        self.server.answer(self)  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def send(self, body: bytes | list[Any] | dict[str, Any], status: int = 200, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server:
    """One that answers as the test says, on a port of its own."""

    def __init__(self, answer: Answer) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.seen = self.seen = []  # type: ignore[attr-defined]
        self._http.answer = answer  # type: ignore[attr-defined]
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def connector(tmp_path: Path, *servers: Server, host: str = "127.0.0.1", limits: Limits = LIMITS, **config: Any) -> Any:
    kind = registry.find("http")
    assert kind is not None
    allow = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    policy = EgressPolicy(allow, resolver=lambda name, port: ["127.0.0.1"])  # noqa: ARG005
    given = {"base_url": f"http://{host}:{servers[0].port}/v1", "headers": {"Authorization": f"Bearer {SECRET}"}}
    settings = kind.Config.model_validate_json(json.dumps(given | config))
    return kind(settings, context=ConnectorContext(policy, Storage(tmp_path), limits))


def rows(source: Any, table: str = "orders", **request: Any) -> list[dict[str, Any]]:
    try:
        with source.read(ReadRequest(table=table, **request)) as stream:
            return stream.collect().to_dicts()
    finally:
        source.close()


def refused(source: Any, **request: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as error:
        rows(source, **request)
    assert SECRET not in str(error.value)
    assert SECRET not in error.value.message + error.value.remedy
    return error.value


def test_rows_come_with_their_types(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([{"id": 1, "ship": "Mary", "tags": ["a"]}, {"id": 2.5, "extra": 10**25}]))
    assert rows(connector(tmp_path, server)) == [
        {"id": 1.0, "ship": "Mary", "tags": '["a"]', "extra": None},
        {"id": 2.5, "ship": None, "tags": None, "extra": 10**25},
    ]
    assert server.seen[0][0] == "/v1/orders"
    assert server.seen[0][1]["Authorization"] == f"Bearer {SECRET}"
    assert server.seen[0][1]["Host"] == f"127.0.0.1:{server.port}"


def test_the_name_is_kept_in_the_host_header(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([]))
    source = connector(tmp_path, server, host="api.example")
    rows(source)
    assert server.seen[0][1]["Host"] == f"api.example:{server.port}"


def test_t25_dns_rebinding_between_the_check_and_the_request(serve: Any, tmp_path: Path) -> None:
    """A second look at the name would lead elsewhere; there is none."""
    server = serve(lambda h: h.send([{"id": 1}]))
    answers = iter(["127.0.0.1"])
    source = connector(tmp_path, server, host="rebind.example")
    policy = EgressPolicy(f"127.0.0.1:{server.port}", resolver=lambda name, port: [next(answers)])  # noqa: ARG005
    source.context = replace(source.context, egress=policy)
    assert rows(source) == [{"id": 1}]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_t27_a_redirect_to_loopback_is_blocked(serve: Any, tmp_path: Path, status: int) -> None:
    inside = serve(lambda h: h.send([{"inner": "secret of the house"}]))
    outside = serve(lambda h: h.send(b"", status, Location=f"http://127.0.0.1:{inside.port}/admin"))
    assert refused(connector(tmp_path, outside)).code == "egress_blocked"
    assert inside.seen == []


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x", "http://[::1]:1/", "http://0x7f.1:1/"],
)
def test_t27_a_redirect_to_another_scheme_or_spelling_is_blocked(serve: Any, tmp_path: Path, location: str) -> None:
    server = serve(lambda h: h.send(b"", 302, Location=location))
    assert refused(connector(tmp_path, server)).code == "egress_blocked"


def test_t27_a_redirect_never_leaves_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(_: EgressTransport, request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://tides.example/plain"})

    monkeypatch.setattr(EgressTransport, "handle_request", answer)
    client = HttpClient(EgressPolicy(), LIMITS, str, {"Authorization": SECRET})
    with pytest.raises(ConnectorError) as error:
        client.get(httpx.URL("https://tides.example/"))
    assert (error.value.code, asked) == ("egress_blocked", ["https://tides.example/"])


def test_t27_headers_are_not_sent_along_a_redirect_to_another_host(serve: Any, tmp_path: Path) -> None:
    other = serve(lambda h: h.send([{"id": 1}]))
    first = serve(lambda h: h.send(b"", 302, Location=f"http://127.0.0.1:{other.port}/x"))
    assert rows(connector(tmp_path, first, other)) == [{"id": 1}]
    assert "Authorization" not in other.seen[0][1]


def test_t27_redirects_end(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send(b"", 302, Location=f"{h.path}x"))
    assert refused(connector(tmp_path, server)).code == "invalid_response"
    assert len(server.seen) <= 7


def test_a_server_that_stalls_is_a_timeout(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: time.sleep(20))  # noqa: ARG005
    begun = time.monotonic()
    error = refused(connector(tmp_path, server, limits=replace(LIMITS, retries=0)))
    assert (error.code, error.recovery) == ("timeout", "transient")
    assert time.monotonic() - begun < 12


def test_a_server_that_drips_is_a_timeout(serve: Any, tmp_path: Path) -> None:
    """A byte now and then keeps every read timeout away; the whole request has one."""

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(200):
            time.sleep(0.1)
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    server = serve(drip)
    begun = time.monotonic()
    assert refused(connector(tmp_path, server, limits=replace(LIMITS, retries=0))).code == "timeout"
    assert time.monotonic() - begun < 12


@pytest.mark.parametrize("wait", ["86400", "99999999999999999999", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_day_long_retry_after_is_not_waited_for(serve: Any, tmp_path: Path, wait: str) -> None:
    server = serve(lambda h: h.send(b"", 429, Retry_After=wait))
    begun = time.monotonic()
    error = refused(connector(tmp_path, server))
    assert (error.code, error.recovery) == ("rate_limited", "transient")
    assert time.monotonic() - begun < 20


def test_a_short_retry_after_is_obeyed(serve: Any, tmp_path: Path) -> None:
    times: list[float] = []

    def busy_once(handler: Handler) -> None:
        times.append(time.monotonic())
        handler.send([{"id": 1}]) if len(times) > 1 else handler.send(b"", 503, Retry_After="1")

    server = serve(busy_once)
    assert rows(connector(tmp_path, server)) == [{"id": 1}]
    assert len(times) == 2
    assert times[1] - times[0] >= 1


def test_a_huge_body_is_left_unread(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send(b"[" + b" " * 300_000 + b"]"))
    assert refused(connector(tmp_path, server)).code == "response_too_large"


def test_a_body_that_unpacks_to_more_is_left(serve: Any, tmp_path: Path) -> None:
    bomb = gzip.compress(b" " * 50_000_000)  # before the server is asked: it takes a while, and the client has a limit
    server = serve(lambda h: h.send(bomb, Content_Encoding="gzip"))
    assert refused(connector(tmp_path, server)).code == "response_too_large"


def paged(how: dict[str, Any]) -> dict[str, Any]:
    return {"pagination": how}


def test_endless_empty_pages_end(serve: Any, tmp_path: Path) -> None:
    count = iter(range(10**6))
    server = serve(lambda h: h.send({"items": [], "next": str(next(count))}))
    assert refused(connector(tmp_path, server, **paged({"type": "cursor"}))).code == "endless_pages"
    assert len(server.seen) < 20


def test_the_same_page_again_and_again_ends(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([{"id": 1}]))
    assert refused(connector(tmp_path, server, **paged({"type": "page"}))).code == "endless_pages"
    assert len(server.seen) == 2


def test_a_cursor_that_leads_back_ends(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send({"items": [{"path": h.path}], "next": "b" if h.path.endswith("a") else "a"}))
    assert refused(connector(tmp_path, server, **paged({"type": "cursor"}))).code == "endless_pages"


def test_all_pages_together_have_a_limit(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([{"page": h.path, "text": "x" * 50_000}]))
    assert refused(connector(tmp_path, server, **paged({"type": "page"}))).code == "response_too_large"


@pytest.mark.parametrize(
    "how",
    [{"type": "page", "size_parameter": "size", "size": 2}, {"type": "offset"}, {"type": "cursor"}, {"type": "link"}],
)
def test_every_kind_of_pages_gives_every_row_once(serve: Any, tmp_path: Path, how: dict[str, Any]) -> None:
    pages = [[{"id": 1}, {"id": 2}], [{"id": 3}, {"id": 4}], [{"id": 5}]]

    def answer(handler: Handler) -> None:
        query = dict(part.split("=") for part in handler.path.partition("?")[2].split("&") if part)
        index = int(query.get("page", 1)) - 1 if "page" in query else int(query.get("offset", 0)) // 2
        index = int(query.get("cursor", index))
        page = pages[index] if index < len(pages) and int(query.get("offset", 0)) < 5 else []
        headers = {"Link": f'</v1/orders?cursor={index + 1}>; rel="next"'} if index < 2 else {}
        handler.send({"items": page, "next": index + 1 if index < 2 else None}, **headers)

    found = rows(connector(tmp_path, serve(answer), **paged(how)))
    assert [row["id"] for row in found] == [1, 2, 3, 4, 5]


def test_a_limit_stops_asking_for_pages(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([{"path": h.path}, {"path": h.path + "#"}]))
    assert len(rows(connector(tmp_path, server, **paged({"type": "page"})), limit=3)) == 3
    assert len(server.seen) == 2


def test_t27_the_next_page_stays_on_the_same_host(serve: Any, tmp_path: Path) -> None:
    other = serve(lambda h: h.send([]))
    server = serve(lambda h: h.send({"items": [{"id": 1}], "next": f"http://127.0.0.1:{other.port}/"}))
    assert refused(connector(tmp_path, server, other, **paged({"type": "cursor"}))).code == "egress_blocked"
    assert other.seen == []


@pytest.mark.parametrize(
    ("status", "code", "recovery"),
    [(401, "authentication_failed", "terminal"), (403, "permission_denied", "terminal"), (404, "unknown_table", "terminal"),  # noqa: E501
     (418, "request_refused", "terminal"), (500, "server_error", "transient"), (503, "server_error", "transient")],
)  # fmt: skip
def test_refusals_are_classed(serve: Any, tmp_path: Path, status: int, code: str, recovery: str) -> None:
    server = serve(lambda h: h.send(SECRET.encode(), status))
    error = refused(connector(tmp_path, server))
    assert (error.code, error.recovery) == (code, recovery)
    assert len(server.seen) == (2 if recovery == "transient" else 1)


@pytest.mark.parametrize("body", [b"<html>", b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": }'])
def test_what_is_no_json_is_said_so(serve: Any, tmp_path: Path, body: bytes) -> None:
    assert refused(connector(tmp_path, serve(lambda h: h.send(body)))).code == "invalid_response"


def test_nobody_listening_is_a_failed_connection(serve: Any, tmp_path: Path) -> None:
    server = serve(lambda h: h.send([]))
    source = connector(tmp_path, server)
    server.close()
    assert refused(source).code == "connection_failed"


@pytest.mark.parametrize(
    "path", ["../admin", "a/../../b", "%2e%2e/admin", "%252e%252e/x", "..\\x", "//evil.example/x", "http://evil.example/",
             "a#b", "a b", "a\nb"],
)  # fmt: skip
def test_t29_a_path_stays_below_the_base_url(serve: Any, tmp_path: Path, path: str) -> None:
    server = serve(lambda h: h.send([]))
    with pytest.raises(ConnectorError) as error:
        rows(connector(tmp_path, server), path)
    assert error.value.code == "unknown_table"
    assert server.seen == []


@pytest.mark.parametrize(
    "config",
    [{"base_url": "file:///etc/passwd"}, {"base_url": "ftp://x"}, {"base_url": "http://user:pw@x"}, {"base_url": "http://"},
     {"headers": {"Host": "evil.example"}}, {"headers": {"X": "a\r\nY: b"}}, {"headers": {"a b": "c"}},
     {"headers": {"Transfer-Encoding": "chunked"}}, {"proxy": "http://127.0.0.1"}],
)  # fmt: skip
def test_t29_settings_that_change_the_meaning_are_refused(config: dict[str, Any]) -> None:
    kind = registry.find("http")
    assert kind is not None
    with pytest.raises(ValueError):
        kind.Config.model_validate_json(json.dumps({"base_url": "https://api.example"} | config))
