"""The demo knocks at the same door as everybody: UZO's HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from uzo.local.errors import LocalError
from uzo.local.ports import HOST


class SignInRefused(LocalError):
    """The password that the demo's file knows is not the right one (any more)."""


class Client:
    """One person at one tenant's host."""

    def __init__(self, *, port: int, host: str, email: str, password: str) -> None:
        self._http = httpx.Client(
            base_url=f"http://{HOST}:{port}/api/v1/", headers={"Host": f"{host}:{port}"}, timeout=60, trust_env=False
        )
        answer = self._http.post("auth/login", json={"email": email, "password": password})
        if answer.status_code in (401, 403, 429):
            self._http.close()
            raise SignInRefused(f"{email} could not sign in at {host}: {answer.text[:500]}", remedy="Try again later.")
        signed_in = self._answer(answer, 200)
        self._http.headers["Authorization"] = f"Bearer {signed_in['access']}"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._answer(self._http.get(path, params=params), 200)

    def find(self, path: str) -> dict[str, Any] | None:
        """One object, or None where there is none."""
        response = self._http.get(path)
        return None if response.status_code == 404 else self._answer(response, 200)

    def post(self, path: str, body: Any, *, status: int = 201) -> Any:
        return self._answer(self._http.post(path, json=body), status)

    def patch(self, path: str, body: Any) -> Any:
        return self._answer(self._http.patch(path, json=body), 200)

    def upload(self, path: str, name: str, content: bytes) -> Any:
        return self._answer(self._http.post(path, files={"file": (name, content)}), 201)

    def all(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every result of a list, page by page."""
        page = 1
        while True:
            answer = self.get(path, page=page, page_size=200, **params)
            yield from answer["results"]
            if answer["next"] is None:
                return
            page += 1

    def accepts_key(self, api_key: str) -> bool:
        """Whether an API key still signs somebody in."""
        return self._http.get("auth/me", headers={"Authorization": f"Api-Key {api_key}"}).status_code == 200

    def _answer(self, response: httpx.Response, status: int) -> Any:
        if response.status_code != status:
            request = response.request
            raise LocalError(
                f"{request.method} {request.url.path} at {request.headers['Host']} "
                f"answered {response.status_code}: {response.text[:1500]}",
                remedy="The logs are in the folder `logs` of the data folder; begin with web.log.",
            )
        return response.json() if response.content else None
