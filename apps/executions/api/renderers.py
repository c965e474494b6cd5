"""Forms in which rows are given out, chosen by `Accept`."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer

from apps.kernel.api.browsable import BrowsableRenderer


class _Bytes(BaseRenderer):
    charset: str | None = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:  # noqa: ARG002
        return data


class ArrowRenderer(_Bytes):
    media_type, format = "application/vnd.apache.arrow.stream", "arrow"


class ParquetRenderer(_Bytes):
    media_type, format = "application/vnd.apache.parquet", "parquet"


class CsvRenderer(_Bytes):
    media_type, format = "text/csv", "csv"
    charset = "utf-8"


ROWS = [JSONRenderer, ArrowRenderer, ParquetRenderer, CsvRenderer, BrowsableRenderer]
