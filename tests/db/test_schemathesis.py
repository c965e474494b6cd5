"""Requests made up from the OpenAPI document: no server error, no answer that is not documented.

Bounded by a seed and few examples an operation; the whole takes well under a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.accounts.models import User
from apps.accounts.services.sign_in import issue_tokens
from apps.kernel.api.schema_views import document
from tests.db.conftest import HOST

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WSGI = get_wsgi_application()
# They end the session of the one who asks, or wait for a network that is not there.
LEFT_OUT = r"/auth/(logout|change-password|refresh|forgot-password)$|/connectors/test$"


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Django closes connections around requests; the test's transaction is on this one."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The WSGI application on the test's connection; what a request did is undone."""
    tenant = connection.tenant
    point = transaction.savepoint()
    try:
        return WSGI(environ, start_response)
    finally:
        connection.set_tenant(tenant)
        transaction.savepoint_rollback(point)


schema = schemathesis.openapi.from_dict(document("uzo.urls")).exclude(path_regex=LEFT_OUT)
schema.app = application
OPERATIONS = [result.ok() for result in schema.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_server_error_and_no_undocumented_answer(operation: Any, owner: User, tenant: Any) -> None:
    headers = {"Authorization": f"Bearer {issue_tokens(user=owner).access}", "Host": HOST}

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers, base_url=f"http://{HOST}", checks=CHECKS)

    ask()
