"""On tenants' hosts."""

from django.urls import path

from apps.connectors.api import connectors, data, files, types

urlpatterns = [
    path("connectors", connectors.ConnectorsView.as_view()),
    path("connectors/test", connectors.UnsavedTestView.as_view()),
    path("connectors/<uuid:id>", connectors.ConnectorView.as_view()),
    path("connectors/<uuid:id>/test", connectors.TestView.as_view()),
    path("connectors/<uuid:id>/schema", data.SchemaView.as_view()),
    path("connectors/<uuid:id>/preview", data.PreviewView.as_view()),
    path("connectors/<uuid:id>/files", files.FilesView.as_view()),
    path("connectors/<uuid:id>/files/<str:name>", files.FileView.as_view()),
    path("connector-types", types.TypesView.as_view()),
    path("connector-types/<str:type>", types.TypeView.as_view()),
]
