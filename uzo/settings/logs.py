"""Logs go to standard output, one line each."""

from uzo.settings.env import ENV

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"credentials": {"()": "apps.realtime.redaction.RedactCredentials"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["credentials"]}},
    # httpx writes a line per request, URLs and all.
    "loggers": {"axes": {"level": "ERROR"}, "httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": ENV.uzo_log_level},
}
