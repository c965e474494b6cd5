"""The connector SDK: pure Python, no Django. Everything a type needs is exported here."""

from apps.connectors.sdk.batches import BatchStream
from apps.connectors.sdk.capabilities import Capabilities, WriteMode
from apps.connectors.sdk.config import ConnectorConfig
from apps.connectors.sdk.connector import Connector
from apps.connectors.sdk.context import ConnectorContext, Limits
from apps.connectors.sdk.egress import EgressPolicy, Endpoint
from apps.connectors.sdk.errors import ConnectorError, TransientConnectorError, failure
from apps.connectors.sdk.moving import Estimate, FirstRows, Origin, SourceFailedError, Statement, UnrepeatableError
from apps.connectors.sdk.requests import (
    CheckResult,
    Comparison,
    ExecuteRequest,
    ExecuteResult,
    ForeignKey,
    ReadRequest,
    Table,
    WriteRequest,
    WriteResult,
)
from apps.connectors.sdk.storage import Storage

__all__ = [
    "BatchStream",
    "Capabilities",
    "CheckResult",
    "Comparison",
    "Connector",
    "ConnectorConfig",
    "ConnectorContext",
    "ConnectorError",
    "EgressPolicy",
    "Endpoint",
    "Estimate",
    "ExecuteRequest",
    "ExecuteResult",
    "FirstRows",
    "ForeignKey",
    "Limits",
    "Origin",
    "ReadRequest",
    "SourceFailedError",
    "Statement",
    "Storage",
    "Table",
    "TransientConnectorError",
    "UnrepeatableError",
    "WriteMode",
    "WriteRequest",
    "WriteResult",
    "failure",
]
