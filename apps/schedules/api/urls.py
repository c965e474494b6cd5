"""Endpoints of what starts by itself."""

from django.urls import path

from apps.schedules.api import hooks, schedules, triggers

urlpatterns = [
    path("schedules", schedules.SchedulesView.as_view()),
    path("schedules/explain", schedules.ExplainView.as_view()),
    path("schedules/<uuid:id>", schedules.ScheduleView.as_view()),
    path("schedules/<uuid:id>/fires", schedules.FiresView.as_view()),
    path("schedules/<uuid:id>/next-fires", schedules.NextFiresView.as_view()),
    path("schedules/<uuid:id>/backfill", schedules.ScheduleBackfillView.as_view()),
    path("schedules/<uuid:id>/backfills", schedules.BackfillsView.as_view()),
    path("backfills/<uuid:id>", schedules.BackfillView.as_view()),
    path("backfills/<uuid:id>/cancel", schedules.BackfillCancelView.as_view()),
    path("jobs/<uuid:id>/schedules", schedules.JobSchedulesView.as_view()),
    path("job-packages/<uuid:id>/schedules", schedules.PackageSchedulesView.as_view()),
    path("triggers", triggers.TriggersView.as_view()),
    path("triggers/<uuid:id>", triggers.TriggerView.as_view()),
    path("triggers/<uuid:id>/fires", triggers.TriggerFiresView.as_view()),
    path("jobs/<uuid:id>/triggers", triggers.JobTriggersView.as_view()),
    path("workflows/<uuid:id>/triggers", triggers.WorkflowTriggersView.as_view()),
    path("hooks", hooks.HooksView.as_view()),
    path("hooks/<uuid:id>", hooks.HookView.as_view()),
    path("hooks/<uuid:id>/events", hooks.HookEventsView.as_view()),
    path("hooks/<uuid:id>/refusals", hooks.HookRefusalsView.as_view()),
    path("hooks/<uuid:id>/rotate-secret", hooks.HookSecretView.as_view()),
    path("jobs/<uuid:id>/hooks", hooks.JobHooksView.as_view()),
    path("workflows/<uuid:id>/hooks", hooks.WorkflowHooksView.as_view()),
]
