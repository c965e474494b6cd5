"""Endpoints of executions."""

from django.urls import path

from apps.executions.api import rows, views

urlpatterns = [
    path("executions", views.ExecutionsView.as_view()),
    path("executions/<uuid:id>", views.ExecutionView.as_view()),
    path("executions/<uuid:id>/cancel", views.CancelView.as_view()),
    path("executions/<uuid:id>/logs", views.LogsView.as_view()),
    path("executions/<uuid:id>/prefect", views.PrefectView.as_view()),
    path("executions/<uuid:id>/nodes/<path:node_id>/output", rows.OutputView.as_view()),
    path("workflows/<uuid:id>/execute", views.ExecuteView.as_view()),
    path("workflows/<uuid:id>/executions", views.WorkflowExecutionsView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/execute", rows.NodeExecuteView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/preview", rows.NodePreviewView.as_view()),
]
