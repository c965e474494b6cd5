"""How operations are documented: who may call them comes from the rules, the refusals are everywhere the same."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apps.kernel.api.documents import ProblemSerializer
from apps.kernel.api.idempotency import MAX_KEY

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    OpenApiParameter.HEADER,
    description="The same key sent again within 24 hours gets the first answer",
)
_REFUSALS = {
    "400": "What was sent is not valid",
    "401": "No credential, or one that is not good here",
    "402": "A limit of the plan is reached",
    "403": "Not allowed",
    "404": "Not there, or not to be read by you",
    "409": "Not possible in the present state",
    "413": "Too large",
    "415": "A type of body that is not read here",
    "422": "Well-formed, but it cannot be done",
    "429": "Too many requests; Retry-After says when",
}


class RuledSchema(AutoSchema):
    """Operations of views on `RuledAPIView`."""

    def _rule(self) -> Any:
        return getattr(self.view, "rules", {}).get(self.method.lower())

    def is_public(self) -> bool:
        return bool(getattr(self._rule(), "public", False))

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self.method == "POST" and not self.path.startswith("/api/v1/auth/") and not self.is_public():
            parameters.append(_IDEMPOTENCY_KEY)
        return parameters

    def get_operation_id(self) -> str:
        name: str = super().get_operation_id()
        paged = any(getattr(each, "name", "") == "page" for each in super().get_override_parameters())
        return f"{name.removesuffix('_retrieve')}_list" if paged and name.endswith("_retrieve") else name

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if self.is_public():
            operation["security"] = []
        operation["responses"] = {**self._refusals(operation), **operation["responses"]}
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def _refusals(self, operation: dict[str, Any]) -> dict[str, Any]:
        codes = {"400", "429"}
        writes, body = self.method not in ("GET", "HEAD"), "requestBody" in operation
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        if not self.is_public() or writes:
            codes |= {"401", "403"}
        if "{" in self.path or names & {"page", "object_id"} or not self.is_public():
            codes.add("404")
        if writes:
            codes |= {"409", "422"}
        if self.method == "POST":
            codes.add("402")
        if body:
            codes |= {"413", "415"}
        content = {"application/problem+json": {"schema": self.resolve_serializer(ProblemSerializer, "response").ref}}
        refusals: dict[str, Any] = {}
        for code in codes:
            refusals[code] = {"description": _REFUSALS[code], "content": content}
        refusals["429"]["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds", "required": True}
        }
        return refusals
