from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    name = "apps.executions"
    label = "executions"

    def ready(self) -> None:
        from apps.accounts.core.capabilities import register_capability
        from apps.accounts.core.levels import Level
        from apps.executions import nodes
        from apps.executions.usage import LIMIT, executions_this_month
        from apps.nodes.registry import load
        from apps.tenants.features import register_usage

        load(nodes)
        register_capability("operations.read", "See queues, workers, leases and the run store", Level.READ)
        register_usage(LIMIT, executions_this_month)
