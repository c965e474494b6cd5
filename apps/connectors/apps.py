from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "apps.connectors"
    label = "connectors"

    def ready(self) -> None:
        from apps.accounts.access import ObjectKind, register_kind
        from apps.connectors.models import Connector
        from apps.tenants.features import register_usage

        register_kind(
            ObjectKind(
                name="connector",
                model=Connector,
                queryset=Connector.objects.living,
                containers={},
                ancestors=lambda connector: [("connector", connector.pk)],
            )
        )
        register_usage("connectors", lambda: Connector.objects.living().count())
