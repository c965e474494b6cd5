"""Trying connectors: does it work, what is in it."""

from __future__ import annotations

import itertools
from typing import Any

import polars as pl

from apps.accounts.models import User
from apps.connectors.models import Connector
from apps.connectors.opening import opened, opened_unsaved
from apps.connectors.sdk import CheckResult, ReadRequest, guard
from apps.connectors.sdk.batches import limited, to_frame
from apps.connectors.sdk.registry import AnyConnector, find
from apps.kernel.errors import FieldError, Invalid
from apps.kernel.ids import new_id
from apps.nodes.columns import Schema

PREVIEW_SECONDS = 30
TEST_SECONDS = 10


def test_connector(*, viewer: User, connector: Connector) -> CheckResult:
    """Try a saved connector. Raises VaultSealed."""
    return _checked(opened(connector, viewer=viewer))


def test_unsaved(*, viewer: User, connector_type: str, config: Any) -> CheckResult:
    """Try a configuration that is not saved. Raises Invalid."""
    kind = find(connector_type)
    if kind is None:
        raise Invalid(errors=[FieldError("connector_type", "invalid", "there is no such type")])
    return _checked(opened_unsaved(kind, new_id(), config, viewer=viewer))


def _checked(source: AnyConnector) -> CheckResult:
    try:
        return source.check(seconds=TEST_SECONDS)
    finally:
        source.close()


def preview(*, viewer: User, connector: Connector, request: ReadRequest) -> tuple[pl.DataFrame, Schema]:
    """The first rows of a table or query; `request.limit` says how many. Raises ConnectorError, VaultSealed."""
    source = opened(connector, viewer=viewer)

    def rows() -> tuple[pl.DataFrame, Schema]:
        with source.read(request) as stream:
            frames = [
                to_frame(batch, stream.schema) for batch in itertools.islice(limited(iter(stream), request.limit), 100)
            ]
            return (pl.concat(frames) if frames else stream.schema.empty().collect()), stream.schema

    try:
        return guard.call(rows, seconds=PREVIEW_SECONDS, what=source.label, cancel=source.cancel)
    finally:
        source.close()
