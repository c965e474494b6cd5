"""The configuration of a connector type: typed fields, secrets known as such."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/@,\\?#%='\"]+$")]
"""A host name or address: no socket path, no list of hosts, nothing that a URL or a DSN would read."""
Port = Annotated[int, Field(ge=1, le=65_535)]


class ConnectorConfig(BaseModel):
    """Base of every type's configuration. Unknown keys are refused; secret fields are `SecretStr`, or a
    mapping of names to `SecretStr`. Title and description of each field make the form.

    `endpoint` names the fields that say where secrets are sent: changing one asks for the secrets again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    endpoint: ClassVar[tuple[str, ...]] = ()

    def secrets(self) -> dict[str, str]:
        """Every secret in plain text, by field (`headers.Authorization` for one of a mapping)."""
        found: dict[str, str] = {}
        for name in secret_fields(type(self)):
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                found[name] = value.get_secret_value()
            elif isinstance(value, Mapping):
                found.update({f"{name}.{key}": secret.get_secret_value() for key, secret in value.items()})
        return found


def secret_fields(config: type[ConnectorConfig]) -> dict[str, bool]:
    """Names of the secret fields; true where the field is a mapping of secrets."""
    found = {}
    for name, field in config.model_fields.items():
        kinds = _kinds(field.annotation)
        if SecretStr in kinds:
            found[name] = False
        for kind in kinds:
            if typing.get_origin(kind) is dict and SecretStr in typing.get_args(kind):
                found[name] = True
    return found


def _kinds(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def form(config: type[ConnectorConfig]) -> dict[str, Any]:
    """The JSON Schema that draws the form; secret fields carry `writeOnly: true`."""
    schema = config.model_json_schema()
    for name in secret_fields(config):
        schema["properties"][name]["writeOnly"] = True
    return schema
