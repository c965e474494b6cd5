"""A client that knows UZO only from its contract: plain HTTP and one socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

FINAL = {"success", "failed", "cancelled"}


class Uzo:
    """One person at one tenant's host. Scripts reach other hosts at 127.0.0.1 with the `Host` header."""

    def __init__(self, url: str, email: str, password: str, *, host: str | None = None) -> None:
        self._port = urlsplit(url).port
        self._host = f"{(host or 'localhost').partition(':')[0]}:{self._port}"
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}/api/v1/", headers={"Host": self._host}, timeout=30
        )
        answer = self.http.post("auth/login", json={"email": email, "password": password})
        answer.raise_for_status()
        self.tokens = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.tokens['access']}"

    def __enter__(self) -> Uzo:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, path: str, body: Any = None, *, expect: int = 201, **headers: str) -> Any:
        answer = self.http.post(path, json=body if body is not None else {}, headers=headers)
        assert answer.status_code == expect, f"POST {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json() if answer.content else None

    def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == expect, f"GET {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json()

    def socket(self) -> ClientConnection:
        ticket = self.post("auth/ws-ticket", expect=200)["ticket"]
        return connect(
            f"ws://{self._host}/ws/?ticket={ticket}",
            sock=socket.create_connection(("127.0.0.1", self._port)),
            open_timeout=10,
        )

    def wait(self, execution_id: str, *, seconds: float = 60, every: float = 0.05) -> dict[str, Any]:
        """The execution once it is over; asked for `every` so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            execution: dict[str, Any] = self.get(f"executions/{execution_id}")
            if execution["status"] in FINAL:
                return execution
            time.sleep(every)
        raise AssertionError(f"execution {execution_id} did not end within {seconds} s: {execution}")


def messages(socket: ClientConnection, *, seconds: float = 60) -> Iterator[dict[str, Any]]:
    """Messages of the server as they come; raises TimeoutError when it is silent for too long."""
    end = time.monotonic() + seconds
    while True:
        yield json.loads(socket.recv(timeout=max(0.01, end - time.monotonic())))


def node(node_id: str, category: str, operation: str, **config: Any) -> dict[str, Any]:
    """A node in the seeds' format."""
    connector_id = config.pop("connector", None)
    data: dict[str, Any] = {
        "label": node_id.replace("_", " ").title(),
        "icon": "box",
        "color": "#336791",
        "nodeType": category,
        "category": category.title(),
        "config": {"operation": operation, **config},
        "parameters": {},
        "description": "",
        "tags": [],
        "version": 1,
        "isLocked": False,
    }
    if connector_id is not None:
        data["connectorId"] = connector_id
    return {"id": node_id, "type": "custom-node", "position": {"x": 0, "y": 0}, "data": data}


def edge(source: str, target: str, source_handle: str = "output", target_handle: str = "input") -> dict[str, Any]:
    return {
        "id": f"{source}-{source_handle}-{target}-{target_handle}",
        "source": source,
        "target": target,
        "sourceHandle": source_handle,
        "targetHandle": target_handle,
        "type": "custom-edge",
        "data": {"animated": False},
    }


def diagram(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
    for index, each in enumerate(nodes):
        each["position"] = {"x": 260 * index, "y": 120}
    return {"nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1}}
