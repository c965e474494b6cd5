from django.urls import path

from apps.workflows.api import analysis, environments, functions, node_types, templates, tree, versions, workflows

urlpatterns = [
    path("workflows", workflows.WorkflowsView.as_view()),
    path("workflows/validate", analysis.ValidateView.as_view()),
    path("workflows/<uuid:id>", workflows.WorkflowView.as_view()),
    path("workflows/<uuid:id>/schema", analysis.SchemaView.as_view()),
    path("workflows/<uuid:id>/dependencies", analysis.DependenciesView.as_view()),
    path("workflows/<uuid:id>/restore", workflows.WorkflowRestoreView.as_view()),
    path("workflows/<uuid:id>/move", workflows.WorkflowMoveView.as_view()),
    path("workflows/<uuid:id>/duplicate", workflows.WorkflowDuplicateView.as_view()),
    path("workflows/<uuid:id>/versions", versions.WorkflowVersionsView.as_view()),
    path("workflows/<uuid:id>/lock", versions.WorkflowLockView.as_view()),
    path("versions/<uuid:id>", versions.VersionView.as_view()),
    path("versions/<uuid:id>/diff", versions.VersionDifferenceView.as_view()),
    path("versions/<uuid:id>/checkout", versions.VersionCheckOutView.as_view()),
    path("versions/<uuid:id>/checkin", versions.VersionCheckInView.as_view()),
    path("versions/<uuid:id>/publish", versions.VersionPublishView.as_view()),
    path("versions/<uuid:id>/rollback", versions.VersionRollbackView.as_view()),
    path("jobs/<uuid:id>/workflows", workflows.JobWorkflowsView.as_view()),
    path("workspaces/<uuid:id>/environments", environments.WorkspaceEnvironmentsView.as_view()),
    path("environments/<uuid:id>", environments.EnvironmentView.as_view()),
    path("workspaces/<uuid:id>/tree", tree.TreeView.as_view()),
    path("templates", templates.TemplatesView.as_view()),
    path("templates/<slug:template_id>", templates.TemplateView.as_view()),
    path("templates/<slug:template_id>/copy", templates.TemplateCopyView.as_view()),
    path("expression-functions", functions.ExpressionFunctionsView.as_view()),
    path("node-types", node_types.NodeTypesView.as_view()),
    path("node-types/<str:category>/<str:operation>", node_types.NodeTypeView.as_view()),
]
