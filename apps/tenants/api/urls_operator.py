"""On the operator's host."""

from django.urls import path

from apps.tenants.api import operators

urlpatterns = [
    path("subscriptions", operators.SubscriptionsView.as_view()),
    path("subscriptions/<uuid:id>", operators.SubscriptionView.as_view()),
]
