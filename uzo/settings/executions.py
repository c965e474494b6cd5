"""Running workflows."""

from uzo.settings.env import ENV

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
