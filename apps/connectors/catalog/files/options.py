"""How a text file is to be read or written: `config.format` of a node."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from apps.connectors.sdk.errors import failure

Sign = Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[\x01-\x7f]$")]


class FileFormat(BaseModel):
    """Options of CSV files; other formats use none of them but `escape_formulas` (Excel never needs it).

    `escape_formulas`: when written, text that a spreadsheet would run as a formula gets an apostrophe before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=False)

    separator: Sign = Field(default=",", title="Separator")
    quote: Sign | None = Field(default='"', title="Quote", description="null where nothing is quoted")
    header: bool = Field(default=True, title="First line holds the names")
    null_values: list[str] = Field(default=[], max_length=100, title="Texts that mean null")
    encoding: str = Field(default="utf-8", title="Encoding", max_length=40)
    on_bad_line: Literal["fail", "quarantine"] = Field(default="fail", title="Malformed lines")
    escape_formulas: bool = Field(default=True, title="Disarm formulas when written")

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            info = codecs.lookup(value)
        except (LookupError, ValueError) as error:
            raise ValueError(f"unknown encoding {value!r}") from error
        if not info._is_text_encoding:
            raise ValueError(f"{value!r} is no encoding of text")
        return info.name

    @property
    def shape(self) -> str:
        """Names what decides the columns, so that facts about a file can be kept under it."""
        told = self.model_dump_json(exclude={"on_bad_line", "escape_formulas"})
        return "csv:" + hashlib.sha256(told.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> FileFormat:
        """Raises `invalid_format` that names the first wrong key."""
        try:
            return cls.model_validate(dict(value))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "format"
            raise failure("invalid_format", f"format.{place}: {first['msg']}", remedy="Correct the format.") from error
