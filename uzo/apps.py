from django.apps import AppConfig


class UzoConfig(AppConfig):
    """The roof: connects events to their handlers, and tasks to their queue, once every app is loaded."""

    name = "uzo"
    label = "uzo"

    def ready(self) -> None:
        import uzo.celery  # noqa: F401 - whoever sends a task without it sends it to Celery's own default broker
        from apps.kernel.events import wire
        from uzo.wiring import AFTER, WITHIN

        wire(within=WITHIN, after=AFTER)
