"""The OpenAPI document of this host, and a page that reads it to people."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.reference import sections
from apps.kernel.api.rules import Public, Rule


@cache
def document(urlconf: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the endpoints in a urlconf; made once per process."""
    found: dict[str, Any] = SchemaGenerator(urlconf=urlconf).get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )
    return found


def _of(request: Request) -> dict[str, Any]:
    return document(getattr(request._request, "urlconf", None) or settings.ROOT_URLCONF)


class SchemaView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Public()}
    authentication_classes = []
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]

    @extend_schema(
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "application/vnd.oai.openapi+json"): OpenApiTypes.OBJECT,
            (200, "application/yaml"): OpenApiTypes.OBJECT,
            (200, "application/vnd.oai.openapi"): OpenApiTypes.OBJECT,
        },
        tags=["schema"],
    )
    def get(self, request: Request) -> Response:
        """This document, as JSON or YAML by Accept."""
        return Response(_of(request), headers={"Vary": "Accept"})


class DocsView(RuledAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": Public()}
    authentication_classes = []

    @extend_schema(responses={(200, "text/html"): OpenApiResponse(OpenApiTypes.STR)}, tags=["schema"])
    def get(self, request: Request) -> HttpResponse:
        """A readable reference, made on the server: it loads no script at all."""
        found = _of(request)
        context = {"info": found["info"], "sections": sections(found)}
        return render(request._request, "kernel/reference.html", context)
