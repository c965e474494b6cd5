from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    name = "apps.executions"
    label = "executions"

    def ready(self) -> None:
        from apps.accounts.core.capabilities import register_capability
        from apps.accounts.core.levels import Level
        from apps.executions import nodes, quota
        from apps.executions.limits import FEATURE, running_now
        from apps.executions.services.vault_wait import count_waiting
        from apps.executions.usage import LIMIT, executions_this_month
        from apps.nodes.registry import load
        from apps.tenants.features import register_usage
        from apps.vault.kept import register_waiting

        load(nodes)
        register_capability("operations.read", "See queues, workers, leases and the run store", Level.READ)
        register_usage(LIMIT, executions_this_month)
        register_usage(quota.LIMIT, quota.used)
        register_usage(FEATURE, running_now)
        register_waiting("executions", count_waiting)
