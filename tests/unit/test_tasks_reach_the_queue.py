"""A task that the web server sends must lie where the worker looks."""

from __future__ import annotations

import subprocess
import sys

from uzo.settings.env import ROOT

SENT_FROM = """
import threading, django
django.setup()
from django.conf import settings
from apps.accounts.tasks import send_reset_mail
found = []
thread = threading.Thread(target=lambda: found.append(send_reset_mail.app.conf.broker_url))
thread.start(); thread.join()
assert found == [settings.CELERY_BROKER_URL], found
"""


def test_a_request_sends_its_task_to_the_queue_of_the_settings() -> None:
    # A process of its own: in this one another test may have loaded the application already.
    ran = subprocess.run(
        [sys.executable, "-c", SENT_FROM],
        check=False,
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "uzo.settings", "REDIS_URL": "redis://127.0.0.1:1/3", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
