"""Runs Prefect flows without waiting for the Prefect server.

Prefect's engine asks its server before every state: 60 ms of CPU a run here, 80 ms there, and nothing
runs while the server is away. In UZO PostgreSQL is the truth, so a warm worker gives the engine a
client whose transport accepts states by itself; `reporter.py` tells the server afterwards. A flow
starts in about 25 ms, a task costs about 1 ms, and a missing server delays nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAcceptDetails
from prefect.context import SyncClientContext
from prefect.events.clients import NullEventsClient
from prefect.events.worker import EventsWorker
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)
from prefect.states import Pending

_NOBODY = "http://ledger.invalid/api"


class Ledger(httpx.BaseTransport):
    """Answers what the flow engine asks about runs that it began, and refuses all else."""

    def __init__(self) -> None:
        self._runs: dict[uuid.UUID, FlowRun] = {}

    def begin(self, run_id: uuid.UUID, name: str, parameters: dict[str, Any]) -> FlowRun:
        """A pending flow run that exists here only."""
        run = FlowRun(id=run_id, flow_id=uuid.uuid4(), name=name, parameters=parameters, state=Pending())
        self._runs[run_id] = run
        return run

    def end(self, run_id: uuid.UUID) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        match request.method, request.url.path.removeprefix("/api/").split("/"):
            case "POST", ["flow_runs", run_id, "set_state"] if run := self._find(run_id):
                return self._accept(run, json.loads(request.content)["state"])
            case "GET", ["flow_runs", run_id] if run := self._find(run_id):
                return httpx.Response(200, content=run.model_dump_json())
            case "PATCH", ["flow_runs", *_]:
                return httpx.Response(204)
            case method, path:
                return httpx.Response(404, json={"detail": f"the ledger keeps no {method} {'/'.join(path)}"})

    def _find(self, run_id: str) -> FlowRun | None:
        try:
            return self._runs.get(uuid.UUID(run_id))
        except ValueError:
            return None

    def _accept(self, run: FlowRun, proposed: dict[str, Any]) -> httpx.Response:
        state: State[Any] = State.model_validate({**proposed, "id": str(uuid.uuid4())})
        run.state = state
        answer: OrchestrationResult[Any] = OrchestrationResult(
            state=state, status=SetStateStatus.ACCEPT, details=StateAcceptDetails()
        )
        return httpx.Response(201, content=answer.model_dump_json())


@contextmanager
def behind_the_work() -> Iterator[Ledger]:
    """Within it, flows of this process run against a ledger, and no server is asked or started."""
    ledger = Ledger()
    EventsWorker.set_client_override(NullEventsClient)
    quiet = {
        PREFECT_API_URL: _NOBODY,
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False,
        PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,
        # A heartbeat thread sleeps for a second before each flow may end; leases are our heartbeat.
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
    }
    try:
        with temporary_settings(quiet), SyncClientContext(httpx_settings={"transport": ledger}) as clients:
            # Prefect's engine asks for a client without settings, and would make another one for each run:
            # 25 ms, most of it for certificates that nobody is shown.
            clients._httpx_settings = None
            yield ledger
    finally:
        EventsWorker.set_client_override(None)
