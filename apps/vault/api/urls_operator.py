"""On the operator's host."""

from django.urls import path

from apps.vault.api import views

urlpatterns = [
    path("vault", views.VaultView.as_view()),
    path("vault/unseal", views.UnsealView.as_view()),
    path("vault/seal", views.SealView.as_view()),
]
