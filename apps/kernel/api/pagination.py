"""Lists come in pages: `{count, next, previous, results}`."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework import pagination

FAR = 1000
"""From this row on, a page is found by its rows' keys first."""


class FarPaginator(Paginator):  # type: ignore[type-arg]
    """Skipping rows reads them. So that skipping many reads only an index, a far page of rows takes two
    steps: the keys, then the rows of those keys."""

    def page(self, number: int | str) -> Any:
        page = super().page(number)
        rows = page.object_list
        if page.start_index() <= FAR or not isinstance(rows, QuerySet) or not _plain(rows):
            return page
        keys = list(rows.values_list("pk", flat=True))
        found = {row.pk: row for row in cast("QuerySet[Any]", self.object_list).filter(pk__in=keys)}
        page.object_list = [found[key] for key in keys if key in found]
        return page


def _plain(rows: QuerySet[Any]) -> bool:
    """Model instances of one query: no `values`, no union, which cannot be filtered further."""
    return not rows.query.combinator and rows.query.default_cols and not rows.query.values_select


class PageNumberPagination(pagination.PageNumberPagination):
    """`page_size` above 200 is clamped; a page past the last is 404."""

    django_paginator_class = FarPaginator
    page_size_query_param = "page_size"
    max_page_size = 200
