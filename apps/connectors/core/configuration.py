"""A connector's configuration as people give it and get it back: the public part, and secrets apart.

Secrets are named by field (`password`), those of a mapping with its key (`headers.Authorization`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from apps.connectors.sdk.config import ConnectorConfig, secret_fields
from apps.kernel.errors import FieldError, Invalid, Unprocessable

SET = {"set": True}
_CODES = {"missing": "required", "extra_forbidden": "unknown_config_key"}


@dataclass(frozen=True, slots=True)
class Split:
    """`public` may be shown and stored as it is; `secrets` are to be sealed, `kept` are sealed already."""

    public: dict[str, Any]
    secrets: Mapping[str, str]
    kept: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Split(public={self.public!r}, secrets={sorted(self.secrets)!r}, kept={sorted(self.kept)!r})"


def split(kind: type[ConnectorConfig], given: Any) -> Split:
    """A whole new configuration. Raises Invalid with every wrong field."""
    if not isinstance(given, Mapping):
        raise Invalid(errors=[FieldError("config", "invalid", "must be an object")])
    placeholders = [name for name in _secret_names(kind, given) if _at(given, name) == SET]
    if placeholders:
        raise Invalid(errors=[FieldError(f"config.{name}", "required", "give the secret") for name in placeholders])
    return _parts(kind, dict(given), kept=())


def merge(kind: type[ConnectorConfig], public: Mapping[str, Any], known: Iterable[str], patch: Any) -> Split:
    """A change: what is given replaces, what is left out stays, `null` takes a value back to its default.

    A secret stays when it is left out or given as `{set: true}`. Raises Unprocessable `secret_required` when
    the place it is sent to changes and a secret would go along unseen (THREATS 24).
    """
    if not isinstance(patch, Mapping):
        raise Invalid(errors=[FieldError("config", "invalid", "must be an object")])
    changed = {
        key: value for key, value in (dict(public) | dict(patch)).items() if value is not None or key not in public
    }
    kept = {name for name in known if _stays(kind, patch, name)}
    whole = _with(kind, changed, kept)
    parts = _parts(kind, whole, kept=kept)
    before = {key: public.get(key) for key in kind.endpoint}
    moved = [key for key in kind.endpoint if parts.public.get(key) != before[key]]
    if moved and parts.kept:
        raise Unprocessable(
            f"{moved[0]} changes, so the secrets must be given again",
            code="secret_required",
            remedy="Send the secrets together with the new address.",
            extra={"fields": sorted(parts.kept)},
        )
    return parts


def shown(kind: type[ConnectorConfig], public: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """The configuration as it comes back: each secret that there is as `{set: true}`."""
    result = dict(public)
    for name, many in secret_fields(kind).items():
        if many:
            keys = [item.partition(".")[2] for item in known if item.startswith(f"{name}.")]
            result[name] = {key: dict(SET) for key in sorted(keys)}
        elif name in known:
            result[name] = dict(SET)
    return result


def assembled(kind: type[ConnectorConfig], public: Mapping[str, Any], secrets: Mapping[str, str]) -> ConnectorConfig:
    """The typed configuration, secrets in place."""
    return _validated(kind, _filled(kind, dict(public), secrets))


def _parts(kind: type[ConnectorConfig], whole: dict[str, Any], *, kept: Iterable[str]) -> Split:
    """Validate and take apart. Kept secrets take part as placeholders that no rule minds."""
    config = _validated(kind, whole)
    fields = secret_fields(kind)
    public = config.model_dump(mode="json", exclude=set(fields))
    kept_names = frozenset(kept)
    secrets = {name: text for name, text in config.secrets().items() if name not in kept_names}
    return Split(public, secrets, kept_names)


def _with(kind: type[ConnectorConfig], config: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    cleaned = dict(config)
    for name, many in secret_fields(kind).items():
        value = cleaned.get(name)
        if value == SET:
            cleaned.pop(name)
        elif many and isinstance(value, Mapping):
            cleaned[name] = {key: item for key, item in value.items() if item is not None and item != SET}
    return _filled(kind, cleaned, dict.fromkeys(kept, "kept"))


def _filled(kind: type[ConnectorConfig], config: dict[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    fields = secret_fields(kind)
    for name, text in secrets.items():
        field, _, key = name.partition(".")
        if fields.get(field):
            config[field] = {**(config.get(field) or {}), key: text}
        elif field in fields:
            config[field] = text
    return config


def _stays(kind: type[ConnectorConfig], patch: Mapping[str, Any], name: str) -> bool:
    field, _, key = name.partition(".")
    if field not in secret_fields(kind) or field not in patch:
        return field in secret_fields(kind)
    value = patch[field]
    if value == SET:
        return True
    if not key or not isinstance(value, Mapping):
        return False
    return key not in value or value[key] == SET


def _secret_names(kind: type[ConnectorConfig], given: Mapping[str, Any]) -> list[str]:
    names = []
    for name, many in secret_fields(kind).items():
        value = given.get(name)
        names.append(name)
        if many and isinstance(value, Mapping) and value != SET:
            names += [f"{name}.{key}" for key in value]
    return names


def _at(given: Mapping[str, Any], name: str) -> Any:
    field, _, key = name.partition(".")
    value = given.get(field)
    return value.get(key) if key and isinstance(value, Mapping) else value


def _validated(kind: type[ConnectorConfig], whole: Mapping[str, Any]) -> ConnectorConfig:
    try:
        return kind.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise Invalid(
            "The configuration is not valid",
            errors=[
                FieldError(
                    ".".join(["config", *(str(part) for part in item["loc"])]),
                    _CODES.get(item["type"], "invalid"),
                    "there is no such setting" if item["type"] == "extra_forbidden" else item["msg"],
                )
                for item in error.errors(include_url=False, include_input=False, include_context=False)
            ],
        ) from None
