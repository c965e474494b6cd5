from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "apps.schedules"
    label = "schedules"

    def ready(self) -> None:
        from apps.schedules.selectors import sealed_secrets
        from apps.vault.kept import register_secrets

        register_secrets("hooks", sealed_secrets)
