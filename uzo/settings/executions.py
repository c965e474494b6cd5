"""Running workflows."""

import os

from uzo.settings.env import ENV

# Polars reads text in parts of up to 16 MB and holds a dozen of them: 400 MB beside the rows of a large file. In
# these parts it holds 50 to 100 MB, for no more work. It looks here once, when the first file is read.
for _format in ("CSV", "NDJSON"):
    os.environ.setdefault(f"POLARS_{_format}_CHUNK_SIZE", str(2 * 2**20))

PREFECT_API_URL = ENV.uzo_prefect_api_url
PREFECT_UI_URL = PREFECT_API_URL.removesuffix("/api")
WORKER_PROCESSES = ENV.uzo_workers
PREVIEW_PROCESSES = 1
"""Warm processes for previews alone, so that no long run keeps a person waiting."""
EXECUTION_MEMORY_LIMIT_MB = ENV.uzo_memory_limit_mb
EXECUTION_TIME_LIMIT_SECONDS = ENV.uzo_time_limit_seconds
"""Of work: what waits, for a person or for a moment, holds no worker and is not counted."""
CROSS_JOIN_ROWS = ENV.uzo_cross_join_rows
EXECUTION_LEASE_SECONDS = 6
"""How long a worker holds an execution without renewing; a killed one loses it after this."""
RUN_RETENTION_DAYS = 30
EXECUTION_LOG_LINES = 10_000
"""Log lines kept of one execution."""
PREVIEW_ROWS = 100
PREVIEW_MAX_ROWS = 1000
