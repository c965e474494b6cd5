"""Endpoints of the socket."""

from django.urls import path

from apps.realtime.api.views import TicketView

urlpatterns = [path("auth/ws-ticket", TicketView.as_view())]
