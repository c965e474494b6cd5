from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "apps.connectors"
    label = "connectors"

    def ready(self) -> None:
        from apps.accounts.access import ObjectKind, register_kind
        from apps.connectors.models import Connector
        from apps.connectors.selectors import sealed_secrets
        from apps.tenants.features import register_usage
        from apps.vault.kept import register_secrets

        register_kind(
            ObjectKind(
                name="connector",
                model=Connector,
                living=Connector.objects.living(),
                containers={},
                ancestors=lambda connector: [("connector", connector.pk)],
            )
        )
        register_usage("connectors", lambda: Connector.objects.living().count())
        register_secrets("connectors", sealed_secrets)
