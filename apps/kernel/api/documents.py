"""Documenting endpoints: pages, list parameters, problem documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An RFC 9457 problem; `code` is stable, further members depend on it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    remedy = serializers.CharField(required=False)
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


@cache
def page_of(serializer: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of one page of a list, for documents."""
    name = f"{serializer.__name__.removesuffix('Serializer')}Page"
    fields = {
        "count": serializers.IntegerField(min_value=0),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer(many=True),
    }
    return type(f"{name}Serializer", (serializers.Serializer,), fields)


def list_schema(
    serializer: type[serializers.BaseSerializer[Any]],
    *,
    filters: Mapping[str, Any] | None = None,
    search: Sequence[str] = (),
    ordering: Sequence[str] = (),
    filter_types: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Callable[[Any], Any]:
    """`extend_schema` for a view that answers by `list_response` with the same arguments."""
    parameters: list[Any] = [
        OpenApiParameter("page", {"type": "integer", "minimum": 1}, description="Which page; past the last is 404"),
        OpenApiParameter(
            "page_size", {"type": "integer", "minimum": 1}, description="Items a page; above 200 is clamped to 200"
        ),
    ]
    types = filter_types or {}
    parameters += [OpenApiParameter(name, types.get(name, OpenApiTypes.STR)) for name in filters or {}]
    if search:
        parameters.append(OpenApiParameter("search", OpenApiTypes.STR, description=f"Words in {', '.join(search)}"))
    if ordering:
        names = [sign + name for name in ordering for sign in ("", "-")]
        parameters.append(
            OpenApiParameter("ordering", {"type": "string", "enum": names}, description="Names, separated by commas")
        )
    kwargs.pop("default_ordering", None)
    page = page_of(serializer)  # type: ignore[arg-type]
    return extend_schema(parameters=parameters, responses={200: page}, **kwargs)
