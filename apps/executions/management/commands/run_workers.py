"""One host of the warm pool."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Run executions in warm processes until stopped; any number of hosts may do so at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, help="Processes for runs (default: UZO_WORKERS)")
        parser.add_argument("--previews", type=int, help="Processes for previews")

    def handle(self, *_args: Any, processes: int | None, previews: int | None, **_options: Any) -> None:
        from django.conf import settings

        from apps.executions.flows.pool import pool_of_settings
        from apps.kernel.connections import end_idle_transactions

        end_idle_transactions(settings.EXECUTION_LEASE_SECONDS)
        if processes is not None:
            settings.WORKER_PROCESSES = processes
        if previews is not None:
            settings.PREVIEW_PROCESSES = previews
        pool = pool_of_settings()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: pool.stop())
        self.stdout.write(f"{settings.WORKER_PROCESSES} warm workers are starting")
        pool.serve()
