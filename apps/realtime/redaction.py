"""Keeps tickets and tokens in URLs out of every log, also the web server's own (THREATS 19)."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(
    r"(?i)\b(ticket|token|access|access_token|refresh|refresh_token|api[_-]?key|authorization)=[^&\s\"']+"
)
_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets", "websockets.server", "daphne")


def redact(text: str) -> str:
    """The text with the values of query parameters that may be credentials replaced."""
    return _SECRET.sub(r"\1=[redacted]", text)


class RedactCredentials(logging.Filter):
    """Rewrites a record that mentions a credential in a URL; never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, ()
        return True


def install() -> None:
    """Put the filter on the web server's loggers; the console handler of our own logs has it by settings."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, RedactCredentials) for each in logger.filters):
            logger.addFilter(RedactCredentials())
