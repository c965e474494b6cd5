"""Endpoints of executions."""

from django.urls import path

from apps.executions.api import approvals, iterations, job_runs, operations, rows, views

urlpatterns = [
    path("approvals", approvals.ApprovalsView.as_view()),
    path("approvals/<uuid:id>", approvals.ApprovalView.as_view()),
    path("operations", operations.OperationsView.as_view()),
    path("executions", views.ExecutionsView.as_view()),
    path("executions/<uuid:id>", views.ExecutionView.as_view()),
    path("executions/<uuid:id>/cancel", views.CancelView.as_view()),
    path("executions/<uuid:id>/pause", views.PauseView.as_view()),
    path("executions/<uuid:id>/resume", views.ResumeView.as_view()),
    path("executions/<uuid:id>/retry", views.RetryView.as_view()),
    path("executions/<uuid:id>/logs", views.LogsView.as_view()),
    path("executions/<uuid:id>/prefect", views.PrefectView.as_view()),
    path("executions/<uuid:id>/nodes/<path:node_id>/iterations", iterations.IterationsView.as_view()),
    path("executions/<uuid:id>/nodes/<path:node_id>/output", rows.OutputView.as_view()),
    path("job-runs", job_runs.JobRunsView.as_view()),
    path("job-runs/<uuid:id>", job_runs.JobRunView.as_view()),
    path("job-runs/<uuid:id>/cancel", job_runs.JobRunCancelView.as_view()),
    path("jobs/<uuid:id>/execute", job_runs.JobExecuteView.as_view()),
    path("jobs/<uuid:id>/run-calendar", job_runs.JobCalendarView.as_view()),
    path("job-packages/<uuid:id>/run-calendar", job_runs.PackageCalendarView.as_view()),
    path("job-packages/<uuid:id>/execute", job_runs.PackageExecuteView.as_view()),
    path("workflows/<uuid:id>/execute", views.ExecuteView.as_view()),
    path("workflows/<uuid:id>/executions", views.WorkflowExecutionsView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/execute", rows.NodeExecuteView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/matches", rows.NodeMatchesView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/preview", rows.NodePreviewView.as_view()),
    path("workflows/<uuid:id>/nodes/<path:node_id>/statistics", rows.NodeStatisticsView.as_view()),
]
