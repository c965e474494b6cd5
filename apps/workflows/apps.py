from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "apps.workflows"
    label = "workflows"

    def ready(self) -> None:
        from apps.tenants.features import register_usage
        from apps.workflows import catalog, kinds
        from apps.workflows.services.limits import LIMIT, living_workflows

        kinds.register()
        catalog.load_node_types()
        register_usage(LIMIT, living_workflows)
