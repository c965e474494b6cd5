from django.urls import path

from apps.notifications.api import views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view()),
    path("notifications/seen", views.SeenView.as_view()),
]
