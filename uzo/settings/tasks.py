"""Celery: periodic work and mail. Executions do not pass here: they have the warm pool."""

from uzo.settings.database import REDIS_URL

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
# Celery would make log lines of what is printed and lose them: mail to the console is printed.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "forget what was deleted": {"task": "workspaces.forget_deleted", "schedule": 86_400},
    "forget what is over": {"task": "accounts.forget_what_is_over", "schedule": 3600},
    # Several of these clocks may tick: what is due is claimed in the database, once.
    "start what is due": {"task": "schedules.look", "schedule": 1, "options": {"expires": 5}},
    "forget old fires": {"task": "schedules.forget_old", "schedule": 3600},
    "move job runs on": {"task": "executions.move_job_runs_on", "schedule": 10, "options": {"expires": 10}},
    "remove rows of old runs": {"task": "executions.remove_what_is_over", "schedule": 600},
    "collect garbage of the run store": {"task": "executions.collect_garbage", "schedule": 3600},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": "uzo:celery:"}
