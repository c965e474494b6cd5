"""The Celery application for periodic work."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uzo.settings")
app = Celery("uzo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
