"""Pages of executions that stand outside of the studio."""

from django.urls import path

from apps.executions.pages import DecidePage

urlpatterns = [path("approvals/decide", DecidePage.as_view())]
