"""The connection to PostgreSQL that a thread of the server keeps between two requests."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """One that was used by a request before; `asked` counts what it asked the server for its health."""
    own: Any = connections.create_connection("default")
    own.health_check_enabled = True
    own.ensure_connection()
    own.health_check_done = False
    own.asked = 0
    usable = own.is_usable

    def counting() -> bool:
        own.asked += 1
        return bool(usable())

    monkeypatch.setattr(own, "is_usable", counting)
    yield own
    own.close()


def test_one_on_which_nothing_was_said_is_good_without_a_question(kept: Any) -> None:
    before = kept.connection
    kept.close_if_health_check_failed()
    assert (kept.connection, kept.asked) == (before, 0)


def test_one_that_the_server_ended_is_replaced(kept: Any) -> None:
    pid = kept.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    kept.close_if_health_check_failed()
    assert (kept.connection, kept.asked) == (None, 1)
    with kept.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)


def test_one_that_has_something_to_say_is_asked_and_kept(kept: Any) -> None:
    with kept.cursor() as cursor:
        cursor.execute("listen harbour")
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with closing(connections.create_connection("default")) as other, other.cursor() as cursor:
        cursor.execute("notify harbour, 'fog'")
    before, kept.health_check_done = kept.connection, False  # the next request begins
    assert select.select([before.fileno()], [], [], 5)[0], "the notice has come"
    kept.close_if_health_check_failed()
    assert (kept.connection, kept.asked) == (before, 1)
    assert kept.connection.info.backend_pid == pid
