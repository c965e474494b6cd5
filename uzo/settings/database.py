"""PostgreSQL: the given one, or the embedded one that `uzo.local` starts."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from uzo.settings.env import ENV


def parse_database_url(url: str) -> dict[str, object]:
    """Django's description of `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must start with postgresql://")
    return {
        "ENGINE": "apps.kernel.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c timezone=UTC", "connect_timeout": 5},
    }


def database_url() -> str:
    """The given URL, or that of the embedded server if it runs."""
    if ENV.database_url is not None:
        return ENV.database_url.get_secret_value()
    from uzo.local.state import embedded

    return embedded(ENV.uzo_data_dir).database_url


def redis_url() -> str:
    """The given URL, or that of the embedded Valkey if it runs."""
    if ENV.redis_url is not None:
        return ENV.redis_url.get_secret_value()
    from uzo.local.state import embedded

    return embedded(ENV.uzo_data_dir).redis_url


DATABASES = {"default": parse_database_url(database_url())}
REDIS_URL = redis_url()
