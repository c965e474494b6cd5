"""On tenants' hosts."""

from django.urls import path

from apps.tenants.api import features

urlpatterns = [
    path("features/check/<str:key>", features.FeatureCheckView.as_view()),
    path("features/plan", features.PlanView.as_view()),
    path("features/enabled", features.EnabledFeaturesView.as_view()),
    path("features/usage/<str:type>", features.UsageView.as_view()),
]
