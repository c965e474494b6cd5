"""The configuration that every node type's own one extends."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ColumnName = Annotated[str, Field(min_length=1, json_schema_extra={"widget": "column"})]
ColumnNames = Annotated[list[ColumnName], Field(json_schema_extra={"widget": "columns"})]
Expression = Annotated[str, Field(json_schema_extra={"widget": "expression"})]
"""A string in the expression language; its length is a problem of the draft, not of the shape."""


class NodeConfig(BaseModel):
    """`data.config` of a node. Keys are camelCase in JSON and snake_case here; unknown keys are refused.

    The JSON Schema of a subclass drives the studio's form: give each field a title and description,
    and `json_schema_extra={"widget": …}` where a plain input is not enough
    (`column`, `columns`, `expression`, `table`, `connector`, `code`).
    """

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, populate_by_name=False, frozen=True, strict=True
    )

    operation: str = Field(description="What the node does", json_schema_extra={"widget": "hidden"})
    output_variable: str | None = Field(
        default=None, min_length=1, max_length=200, description="Name by which other nodes may refer to the output"
    )
    input_variable: str | None = Field(
        default=None, min_length=1, max_length=200, description="Upstream output to read instead of an edge"
    )
    connector_id: str | None = Field(default=None, json_schema_extra={"widget": "connector"})
    timeout: float | None = Field(default=None, gt=0, le=604_800, description="Seconds until the node fails")
    retry_count: int = Field(
        default=0,
        ge=0,
        le=100,
        description="How often a node that failed is tried again, whatever the reason, unless it may not do what it "
        "does or is wrong itself",
    )
    retry_delay: float = Field(
        default=1.0, ge=0, le=86_400, description="Seconds before the first retry; doubles, and varies by up to half"
    )
    continue_on_error: bool = Field(default=False, description="Let the workflow go on when this node fails")
    keep_output: bool = Field(default=False, description="Keep the rows of this node after the run")
