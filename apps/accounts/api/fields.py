"""Fields that several bodies share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ReferenceField(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """The id of another object in a body; one that is not there is an error with code `not_found`."""

    default_error_messages = {
        "does_not_exist": "There is no object with this id",
        "incorrect_type": "This must be a UUID",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        super().__init__(**kwargs)

    def fail(self, key: str, **kwargs: Any) -> Any:
        if key == "does_not_exist":
            raise serializers.ValidationError(self.error_messages[key], code="not_found")
        return super().fail(key, **kwargs)

    def use_pk_only_optimization(self) -> bool:
        return True


class PasswordField(serializers.CharField):
    """Never trimmed, never given back; long ones are refused before they cost a hash."""

    def __init__(self, **kwargs: Any) -> None:
        said: dict[str, Any] = {"write_only": True, "trim_whitespace": False, "max_length": 1000}
        super().__init__(**{**said, "style": {"input_type": "password"}, **kwargs})
