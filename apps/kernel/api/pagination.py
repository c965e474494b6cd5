"""Lists come in pages: `{count, next, previous, results}`."""

from __future__ import annotations

from rest_framework import pagination


class PageNumberPagination(pagination.PageNumberPagination):
    """`page_size` above 200 is clamped; a page past the last is 404."""

    page_size_query_param = "page_size"
    max_page_size = 200
