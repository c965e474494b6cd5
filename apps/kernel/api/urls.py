from django.urls import path

from apps.kernel.api.health import HealthView
from apps.kernel.api.schema_views import DocsView, SchemaView

urlpatterns = [
    path("health", HealthView.as_view()),
    path("schema/", SchemaView.as_view()),
    path("docs/", DocsView.as_view()),
]
