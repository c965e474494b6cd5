from django.urls import path

from apps.audit.api import views

urlpatterns = [
    path("audit/logs", views.LogsView.as_view()),
    path("audit/actions", views.ActionsView.as_view()),
    path("audit/deletions", views.DeletionsView.as_view()),
]
