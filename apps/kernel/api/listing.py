"""Filters, order and search of a list: only what the view names, nothing that a request made up (THREATS 31)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial, reduce
from operator import or_
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, DateTimeField, Field, Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from apps.kernel.errors import FieldError, Invalid

Filter = str | Callable[[QuerySet[Any], str], QuerySet[Any]]
"""An ORM lookup, or a function from queryset and value to queryset (raise ValueError for a wrong value)."""

_COMMON = frozenset({"page", "page_size", "ordering", "search", "format"})
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def narrow(
    request: Request,
    queryset: QuerySet[Any],
    *,
    filters: Mapping[str, Filter],
    search: Sequence[str],
    ordering: Sequence[str],
    default_ordering: str,
) -> QuerySet[Any]:
    """The queryset as the query string asks for it. Unknown names raise Invalid with code `unknown_filter`."""
    unknown = sorted(set(request.query_params) - _COMMON - set(filters))
    if unknown:
        raise _unknown("filter", unknown, filters)
    for name, lookup in filters.items():
        value = request.query_params.get(name)
        if value is not None:
            queryset = _filtered(queryset, name, lookup, value)
    text = request.query_params.get("search", "").strip()
    if text and search:
        for word in text.split():
            queryset = queryset.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in search)))
    return queryset.order_by(*_order(request.query_params.get("ordering"), ordering, default_ordering))


def require_known(request: Request, *names: str) -> None:
    """For lists that are no querysets: raises Invalid `unknown_filter` for a parameter that is neither
    named here nor about the page."""
    unknown = sorted(set(request.query_params) - {*names, "page", "page_size", "format"})
    if unknown:
        raise _unknown("filter", unknown, names)


def narrow_items(
    request: Request, items: Sequence[Any], *, search: Sequence[str], ordering: Sequence[str], default_ordering: str
) -> list[Any]:
    """As `narrow`, for a short list that is no queryset: objects or mappings that have the names."""
    require_known(request, "ordering", "search")
    words = request.query_params.get("search", "").lower().split()
    found = [
        item for item in items if all(any(word in str(_named(item, name)).lower() for name in search) for word in words)
    ]
    for order in reversed(_names(request.query_params.get("ordering"), ordering, default_ordering)):
        found.sort(key=partial(_named, name=order.removeprefix("-")), reverse=order.startswith("-"))
    return found


def _named(item: Any, name: str) -> Any:
    return item[name] if isinstance(item, Mapping) else getattr(item, name)


def _unknown(what: str, names: Sequence[str], known: Sequence[str] | Mapping[str, Any]) -> Invalid:
    return Invalid(
        f"There is no {what} {names[0]!r} here",
        code="unknown_filter",
        errors=[FieldError(name, "unknown_filter", f"no {what} of that name") for name in names],
        remedy=f"Known: {', '.join(known) or 'none'}",
    )


def _order(asked: str | None, known: Sequence[str], default: str) -> list[str]:
    names = _names(asked, known, default)
    # Equal values must not change places between two pages.
    last = "-pk" if names[-1].startswith("-") else "pk"
    return [*names, last]


def _names(asked: str | None, known: Sequence[str], default: str) -> list[str]:
    names = [name.strip() for name in asked.split(",")] if asked else default.split(",")
    unknown = [name for name in names if asked and name.removeprefix("-") not in known]
    if unknown:
        raise _unknown("order", unknown, known)
    return names


def _filtered(queryset: QuerySet[Any], name: str, lookup: Filter, value: str) -> QuerySet[Any]:
    try:
        if callable(lookup):
            return lookup(queryset, value)
        return queryset.filter(**{lookup: _cast(queryset, lookup, value)})
    except (ValueError, TypeError, ValidationError) as error:
        message = "; ".join(error.messages) if isinstance(error, ValidationError) else f"{value!r} does not fit"
        raise Invalid(errors=[FieldError(name, "invalid", message)]) from error


def _cast(queryset: QuerySet[Any], lookup: str, value: str) -> Any:
    if lookup.endswith("__in"):
        return [part for part in value.split(",") if part]
    field = _field(queryset, lookup)
    if lookup.endswith("__isnull") or isinstance(field, BooleanField):
        if value.lower() not in _BOOLEANS:
            raise ValueError(value)
        return _BOOLEANS[value.lower()]
    if isinstance(_base_field(queryset, lookup), DateTimeField):
        return _moment(value)
    if field is not None and field.choices and value not in {str(choice) for choice, _ in field.flatchoices}:
        raise ValueError(value)
    return value


def _moment(value: str) -> datetime:
    """A time stamp in UTC. PostgreSQL refuses some offsets that ISO 8601 can write, so none is sent to it."""
    moment = parse_datetime(value)
    if moment is None:
        raise ValueError(value)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(value) from error


def _base_field(queryset: QuerySet[Any], lookup: str) -> Any:
    try:
        return queryset.model._meta.get_field(lookup.split("__", maxsplit=1)[0])
    except FieldDoesNotExist:
        return None


def _field(queryset: QuerySet[Any], lookup: str) -> Field[Any, Any] | None:
    try:
        field = queryset.model._meta.get_field(lookup.split("__", maxsplit=1)[0])
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and "__" not in lookup.removesuffix("__exact") else None
