"""The environment, read once and here alone; every other file asks `ENV`.

Each setting's name, default and meaning is a field below; `docs` in the README is made from them.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class Environment(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL to use instead of the embedded one: postgresql://user:password@host/db"
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Redis or Valkey to use instead of the embedded one: redis://host:port/db"
    )
    uzo_data_dir: Path = Field(default=ROOT / ".uzo", description="Folder of everything UZO keeps outside the database")
    uzo_secret_key: SecretStr | None = Field(
        default=None, description="Signing key; by default one is made in the data folder, mode 600"
    )
    uzo_port: int = Field(default=8000, description="Port of the web server")
    uzo_web_threads: int = Field(
        default=24, ge=1, description="Requests worked on at once by one web process, each with a database connection"
    )
    uzo_debug: bool = Field(default=False, description="Show tracebacks; never on a server others can reach")
    uzo_operator_host: str = Field(default="operator.localhost", description="Host of the operators' site")
    uzo_insecure_http: bool = Field(
        default=True, description="Serve plain HTTP; switch off behind TLS for secure cookies and HSTS"
    )
    uzo_prefect_api_url: str = Field(default="http://127.0.0.1:4200/api", description="The Prefect server's API")
    uzo_workers: int = Field(default=2, ge=1, description="Warm processes that run executions")
    uzo_run_store: str | None = Field(
        default=None,
        description="Where run data lies: a folder, by default in the data folder, or s3://bucket/prefix",
    )
    uzo_run_store_endpoint: str | None = Field(
        default=None, description="Address of a store that speaks as S3 does: https://host:port; by default Amazon's"
    )
    uzo_run_store_region: str | None = Field(default=None, description="Region of the run store's bucket")
    uzo_run_store_key_id: SecretStr | None = Field(
        default=None, description="Key of the bucket; by default that of the environment or of the machine's role"
    )
    uzo_run_store_secret: SecretStr | None = Field(default=None, description="Secret of that key")
    uzo_memory_limit_mb: int = Field(default=2048, ge=256, description="Memory limit of one execution")
    uzo_time_limit_seconds: int = Field(
        default=86_400, ge=1, description="Seconds that a worker may work on one execution"
    )
    uzo_cross_join_rows: int = Field(
        default=1_000_000_000, ge=1, description="Rows that a join of each row with each may come to"
    )
    uzo_vault_key_file: Path | None = Field(
        default=None, description="File with the master password (mode 600); by default one is made in the data folder"
    )
    uzo_vault_auto_unseal: bool = Field(
        default=True, description="Open the vault from the key file; otherwise an operator unseals it"
    )
    uzo_egress_allow: str = Field(
        default="", description="Private addresses connectors may reach: host:port, separated by commas"
    )
    uzo_throttle_user: str = Field(default="6000/min", description="Requests of one signed-in user")
    uzo_throttle_anonymous: str = Field(default="600/min", description="Requests of one address that is not signed in")
    uzo_mail_url: str = Field(
        default="console://",
        description="console://, file:///folder (`make run`: `mail` in the data folder) or smtp://user:password@host:port",
    )
    uzo_mail_from: str = Field(default="UZO <uzo@localhost>", description="Sender of the mail")
    uzo_site_url: str = Field(
        default="",
        description="Address of tenants' sites in mails, {host} for the tenant's; by default its host with the port",
    )
    uzo_log_level: str = Field(default="INFO", description="Level of the logs")

    uzo_checkout_minutes: int = Field(
        default=60, ge=1, description="Minutes after its holder's last save that a checked-out workflow is held"
    )


ENV = Environment()
