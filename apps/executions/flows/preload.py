"""What every warm child has imported, imported once: children are forked from the process that did.

Importing this module sets Django up. Nothing here may open a connection or start a thread pool: Polars'
does not survive a fork, and neither does a socket that two processes believe to be theirs.
"""

from __future__ import annotations

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uzo.settings")
django.setup()

from django.conf import settings  # noqa: E402

# Prefect reads these while it is imported.
os.environ.update(
    PREFECT_HOME=str(settings.DATA_DIR / "prefect"),
    PREFECT_LOGGING_LEVEL="WARNING",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
)

import adbc_driver_postgresql.dbapi  # noqa: E402, F401 - a second of imports, which the first read would wait for
import psycopg  # noqa: E402, F401

from apps.connectors import selectors  # noqa: E402, F401
from apps.connectors.catalog.postgresql import discovery, reading, statements, writing  # noqa: E402, F401
from apps.executions.flows import runner  # noqa: E402, F401

# What is here now stays: a collector that visits it in a child would only copy shared pages.
gc.collect()
gc.freeze()
