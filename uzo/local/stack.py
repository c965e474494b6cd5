"""What UZO consists of while it runs: which programs, with which environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from uzo.local.databases import Databases
from uzo.local.ports import HOST, answers
from uzo.local.service import Service
from uzo.settings.env import ENV

ROOT = Path(__file__).resolve().parents[2]
PREFECT_DATABASE = "prefect"
UNUSED_PREFECT_SERVICES = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "DB_VACUUM",
    "EVENT_LOGGER",
    "EVENT_PERSISTER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)
"""Parts of the Prefect server that act on runs by themselves. UZO's own truth decides what runs; the
server keeps the record of flow runs and (by its task run recorder, which stays on) of task runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The programs of one UZO. `egress_allow` are the `host:port` pairs that connectors may reach
    although they are private. On one machine all strangers share one address: their throttle is wide.
    `python` runs everything."""

    data_dir: Path
    databases: Databases
    web_port: int
    prefect_port: int
    egress_allow: tuple[str, ...] = ()
    throttle_anonymous: str = "6000/min"
    python: str = sys.executable

    def env(self) -> Mapping[str, str]:
        """The environment of every program that loads UZO's settings."""
        prefect_api = f"http://{HOST}:{self.prefect_port}/api"
        return {
            "DJANGO_SETTINGS_MODULE": "uzo.settings",
            "DATABASE_URL": self.databases.database_url,
            "REDIS_URL": self.databases.redis_url,
            "UZO_DATA_DIR": str(self.data_dir),
            "UZO_PORT": str(self.web_port),
            "UZO_EGRESS_ALLOW": ",".join(self.egress_allow),
            "UZO_THROTTLE_ANONYMOUS": self.throttle_anonymous,
            "UZO_PREFECT_API_URL": prefect_api,
            "PREFECT_API_URL": prefect_api,
            **self._mail(),
            **self._prefect_client(),
        }

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    def _mail(self) -> Mapping[str, str]:
        """Where nobody named a mail server, mail lies in a folder: in a log its links would be redacted."""
        if "uzo_mail_url" in ENV.model_fields_set:
            return {}
        return {"UZO_MAIL_URL": self.mail_dir.as_uri()}

    def _prefect_client(self) -> Mapping[str, str]:
        return {
            "PREFECT_HOME": str(self.data_dir / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "DO_NOT_TRACK": "1",
        }

    def manage(self, *arguments: str) -> list[str]:
        return [self.python, str(ROOT / "manage.py"), *arguments]

    def prefect(self) -> Service:
        """The Prefect server, on loopback; its database lies beside ours."""
        url = self.databases.url(f"{self.databases.prefix}{PREFECT_DATABASE}")
        return Service(
            name="prefect",
            argv=[
                *(self.python, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
                *("--host", HOST, "--port", str(self.prefect_port)),
                *("--log-level", "warning", "--no-access-log"),
            ],
            env={
                **self._prefect_client(),
                "PREFECT_API_URL": f"http://{HOST}:{self.prefect_port}/api",
                "PREFECT_API_DATABASE_CONNECTION_URL": url.replace("postgresql://", "postgresql+asyncpg://", 1),
                "PREFECT_SERVER_API_HOST": HOST,
                "PREFECT_SERVER_API_PORT": str(self.prefect_port),
                **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_PREFECT_SERVICES},
            },
            cwd=self.data_dir,
            ready=lambda: answers(self.prefect_port),
            patient=True,
        )

    def web(self) -> Service:
        """The ASGI server. It logs warnings only: its lines about sockets would hold their tickets."""
        return Service(
            name="web",
            argv=[
                *(self.python, "-m", "uvicorn", "uzo.asgi:application"),
                *("--host", HOST, "--port", str(self.web_port)),
                *("--log-level", "warning", "--no-access-log", "--no-server-header", "--no-proxy-headers"),
                *("--ws-max-size", str(2**20), "--ws-per-message-deflate", "false"),
                *("--timeout-graceful-shutdown", "3"),
            ],
            env=self.env(),
            cwd=ROOT,
            ready=lambda: answers(self.web_port),
        )

    def workers(self) -> Service:
        """The warm pool that runs executions."""
        return Service(name="workers", argv=self.manage("run_workers"), env=self.env(), cwd=ROOT)

    def periodic(self) -> Service:
        """Celery's worker and its clock in one program."""
        return Service(
            name="periodic",
            argv=[
                *(self.python, "-m", "celery", "--app", "uzo.celery", "worker", "--beat"),
                *("--schedule", str(self.data_dir / "celerybeat-schedule")),
                *("--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--hostname", "periodic@localhost"),
            ],
            env=self.env(),
            cwd=ROOT,
            patient=True,
        )
