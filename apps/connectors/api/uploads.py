"""Reading an upload: to disk as it comes, its name as it was sent."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser as DjangoParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser


class _KeepsName(DjangoParser):
    def sanitize_file_name(self, file_name: str) -> str:
        """Django takes folders off a name; here such a name is to be refused, so it is left as it is."""
        return file_name


class _Handler(TemporaryFileUploadHandler):
    """Always on disk, never in memory; the file carries `sent_name`."""

    _sent: str | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        self._sent = file_name
        super().new_file(field_name, "upload", *args, **kwargs)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        file = super().file_complete(file_size)
        if file is not None:
            file.sent_name = self._sent  # type: ignore[attr-defined]
        return file


class UploadParser(MultiPartParser):
    """Raises ParseError for a broken body."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        request = parser_context["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        encoding = parser_context.get("encoding", "utf-8")
        try:
            data, files = _KeepsName(meta, stream, [_Handler(request)], encoding).parse()
        except MultiPartParserError as error:
            raise ParseError(f"The multipart body cannot be read: {error}") from error
        return DataAndFiles(data, files)
