from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        import apps.accounts.api.openapi  # noqa: F401 makes its schemes known
        from apps.tenants.features import register_usage

        register_usage("users", _active_users)


def _active_users() -> int:
    from apps.accounts.models import User

    return User.objects.filter(is_active=True).count()
