"""Signing in, the same on tenants' hosts and on the operator's."""

from django.urls import path

from apps.accounts.api import auth, keys
from apps.accounts.api.sessions import SessionView

urlpatterns = [
    path("auth/login", auth.LoginView.as_view()),
    path("auth/logout", auth.LogoutView.as_view()),
    path("auth/refresh", auth.RefreshView.as_view()),
    path("auth/forgot-password", auth.ForgotPasswordView.as_view()),
    path("auth/reset-password", auth.ResetPasswordView.as_view()),
    path("auth/change-password", auth.ChangePasswordView.as_view()),
    path("auth/me", auth.MeView.as_view()),
    path("auth/session", SessionView.as_view()),
    path("auth/api-keys", keys.ApiKeysView.as_view()),
    path("auth/api-keys/<uuid:id>", keys.ApiKeyView.as_view()),
]
