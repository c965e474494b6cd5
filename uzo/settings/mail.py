"""Mail: to the console, into a folder, or by SMTP, as one URL says."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from uzo.settings.env import ENV


def parse_mail_url(url: str) -> dict[str, object]:
    """Django's settings for `console://`, `file:///folder`, `smtp://user:password@host:port`, `smtps://…`."""
    parts = urlsplit(url)
    match parts.scheme:
        case "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        case "file":
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": unquote(parts.path),
            }
        case "smtp" | "smtps":
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "EMAIL_HOST": parts.hostname or "localhost",
                "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
                "EMAIL_HOST_USER": unquote(parts.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
                "EMAIL_USE_SSL": parts.scheme == "smtps",
                "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
                "EMAIL_TIMEOUT": 10,
            }
        case _:
            raise ValueError("UZO_MAIL_URL must start with console://, file:// or smtp://")


globals().update(parse_mail_url(ENV.uzo_mail_url))
DEFAULT_FROM_EMAIL = ENV.uzo_mail_from
SITE_URL = ENV.uzo_site_url or (f"http://{{host}}:{ENV.uzo_port}" if ENV.uzo_insecure_http else "https://{host}")
"""Where mails that nobody's request began lead to."""
