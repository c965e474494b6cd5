"""What goes wrong with connectors: one code each, classed by what may be done about it."""

from __future__ import annotations

from typing import Any, Final

from apps.kernel.errors import NodeError, TransientNodeError

REMEDIES: Final[dict[str, str]] = {
    "authentication_failed": "Check the user name and the password of the connector.",
    "busy": "Another run is writing there. Try again in a moment.",
    "connection_failed": "Check host and port, and that the server is up and accepts connections from here.",
    "constraint_violated": "Change the rows, or relax the constraint of the target table.",
    "duplicate_column": "Give each column of the query its own name with AS.",
    "egress_blocked": "Private and loopback addresses need an entry (host:port) in the operator's allowlist.",
    "file_too_large": "Split the file, or ask the operator for a larger limit.",
    "host_not_found": "Check the spelling of the host.",
    "invalid_file": "Check that the file is of the kind that its name says.",
    "invalid_name": "Use letters, digits, spaces, dots, hyphens and underscores, at most 200.",
    "invalid_query": "Check the query against the columns and tables of the source.",
    "malformed_rows": "Mend the lines, or set format.onBadLine to quarantine.",
    "missing_keys": "Name the key columns in keys.",
    "null_key": "Drop the rows whose key is null before they are written.",
    "permission_denied": "Ask the owner of the database for the right, or use another user.",
    "rate_limited": "Ask for less, or try again later.",
    "response_too_large": "Ask for smaller pages.",
    "server_error": "Try again later.",
    "timeout": "Try again, or give the node a longer timeout.",
    "tls_failed": "Check sslmode and the certificate of the server.",
    "unknown_column": "Discover the schema of the connector again and check the spelling.",
    "unknown_database": "Check the name of the database.",
    "unknown_table": "Check the spelling, or discover the schema of the connector.",
    "unsafe_file": "The file unpacks to far more than it holds, or hides links. It is not read.",
    "unsupported": "Choose what this type of connector can do.",
    "value_out_of_range": "Cast the column in a query of your own, or choose a wider type.",
    "write_not_allowed": "Reading runs in a read-only transaction. Use the operation execute to change data.",
}
TRANSIENT: Final = frozenset(
    {"busy", "connection_failed", "rate_limited", "server_error", "timeout", "connection_lost", "cancelled"}
)


class ConnectorError(NodeError):
    """Something a connector could not do. `message` never holds a secret: connectors scrub it."""

    code = "connector_failed"


class TransientConnectorError(ConnectorError, TransientNodeError):
    """The same, where trying again later may help."""


def failure(code: str, message: str, *, remedy: str | None = None, **extra: Any) -> ConnectorError:
    """The error of that code, transient or terminal as the code says, with the code's own remedy."""
    kind = TransientConnectorError if code in TRANSIENT else ConnectorError
    return kind(message, code=code, remedy=REMEDIES.get(code, "") if remedy is None else remedy, extra=extra)
