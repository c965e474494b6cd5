"""Counting the queries of a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.tenants.hosts import forget_hosts


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    """What is asked within, as by whoever comes first within a second: the host is asked for too, however fast or
    slow the test before it was."""
    forget_hosts()
    with CaptureQueriesContext(connection) as captured:
        yield captured
