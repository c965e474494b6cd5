"""Files of a connector: upload, list, look, fetch, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import FileResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.connectors import services
from apps.connectors.api.serializers import StoredFileSerializer, UploadSerializer
from apps.connectors.api.uploads import UploadParser
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.opening import require_files, storage_of, type_named
from apps.connectors.sdk.storage import StoredFile
from apps.connectors.services.files import get_file
from apps.kernel.api.documents import ProblemSerializer, list_schema
from apps.kernel.api.listing import narrow_items
from apps.kernel.api.pagination import PageNumberPagination
from apps.kernel.errors import FieldError, Forbidden, Invalid, TooLarge

TAGS = ["connectors"]
LISTING: dict[str, Any] = {"search": ("name",), "ordering": ("name", "size", "stored_at"), "default_ordering": "name"}
_ENVELOPE = 64 * 2**10
"""What a multipart body may hold beside the file."""


def _columns(connector: Connector, names: Sequence[str]) -> dict[str, Any]:
    known = DiscoveredTable.objects.filter(connector=connector, name__in=names)
    return {table.name: table.definition["columns"] for table in known}


def _shown(file: StoredFile, columns: Any) -> dict[str, Any]:
    stored = datetime.fromtimestamp(file.stored_at, UTC)
    return {"name": file.name, "size": file.size, "sha256": file.sha256, "columns": columns, "stored_at": stored}


class FilesView(TenantAPIView):
    parser_classes = [UploadParser]
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("connector", Level.READ),
        "post": OnObject("connector", Level.WRITE),
    }

    @list_schema(StoredFileSerializer, tags=TAGS, **LISTING)
    def get(self, request: Request, **_: Any) -> Response:
        found = narrow_items(request, storage_of(self.object.pk).files(), **LISTING)
        paginator = PageNumberPagination()
        page: Any = paginator.paginate_queryset(found, request, view=self) or []
        columns = _columns(self.object, [file.name for file in page])
        shown = [_shown(file, columns.get(file.name)) for file in page]
        return paginator.get_paginated_response(StoredFileSerializer(shown, many=True).data)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: StoredFileSerializer, 413: ProblemSerializer, 422: ProblemSerializer, 503: ProblemSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, **_: Any) -> Response:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.UPLOAD_MAX_BYTES + _ENVELOPE:
            raise TooLarge(f"A file has at most {settings.UPLOAD_MAX_BYTES:,} bytes", remedy="Split it.")
        require_files(type_named(self.object.connector_type))
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(errors=[FieldError("file", "required", "send the file as the part named file")])
        stored = services.store_file(
            viewer=self.viewer, connector=self.object, name=upload.sent_name, chunks=upload.chunks(2**20)
        )
        table = stored.table
        shown = _shown(stored.file, None if table is None else [column.as_json() for column in table.schema])
        if stored.problem is not None:
            shown["problem"] = {"code": stored.problem.code, "message": stored.problem.message}
        return Response(StoredFileSerializer(shown).data, status=201)


class FileView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("connector", Level.READ),
        "delete": OnObject("connector", Level.WRITE),
    }

    @extend_schema(
        parameters=[OpenApiParameter("download", OpenApiTypes.BOOL, description="The content instead; needs execute")],
        responses={200: StoredFileSerializer},
        tags=TAGS,
    )
    def get(self, request: Request, name: str, **_: Any) -> HttpResponseBase:
        file = get_file(connector=self.object, name=name)
        if request.query_params.get("download", "").lower() in ("1", "true"):
            return self._content(file)
        columns = _columns(self.object, [name]).get(name)
        return Response(StoredFileSerializer(_shown(file, columns)).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, name: str, **_: Any) -> Response:  # noqa: ARG002
        services.delete_file(viewer=self.viewer, connector=self.object, name=name)
        return Response(status=204)

    def _content(self, file: StoredFile) -> FileResponse:
        if not access.allowed(self.viewer, self.object, Level.EXECUTE):
            raise Forbidden("You need the permission execute on this connector to fetch what is in its files")
        content = storage_of(self.object.pk).path(file).open("rb")
        answer = FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
