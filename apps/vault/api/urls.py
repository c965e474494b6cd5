"""On tenants' hosts."""

from django.urls import path

from apps.vault.api import status

urlpatterns = [path("vault/status", status.VaultStatusView.as_view())]
