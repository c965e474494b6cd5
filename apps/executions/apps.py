from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    name = "apps.executions"
    label = "executions"

    def ready(self) -> None:
        from apps.executions import nodes
        from apps.executions.usage import LIMIT, executions_this_month
        from apps.nodes.registry import load
        from apps.tenants.features import register_usage

        load(nodes)
        register_usage(LIMIT, executions_this_month)
