"""Errors that people see: each has a stable code, says what is wrong, where, and what to do.

Services and cores raise these; one handler (`apps.kernel.api.problems`) renders them as RFC 9457
`application/problem+json`, and the engine stores `code`, `message`, `remedy` on a failed node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Recovery(StrEnum):
    """What may be done about an error: nothing, or trying again later."""

    TERMINAL = "terminal"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a request body; `field` is a dotted path into the body."""

    field: str
    code: str
    message: str


class UzoError(Exception):
    """Base of all errors with a stable code.

    `message` is safe to show to anyone who may see the object: it never holds a secret.
    `extra` holds further members of the problem document, JSON-ready.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    recovery: ClassVar[Recovery] = Recovery.TERMINAL

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        remedy: str = "",
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or self.title
        if code is not None:
            self.code = code  # type: ignore[misc]
        self.remedy = remedy
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(self.message)


class Invalid(UzoError):
    """A body that cannot be accepted; lists every wrong field."""

    code = "invalid"
    status = 400
    title = "The request is not valid"

    def __init__(self, message: str = "", *, errors: Sequence[FieldError] = (), **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.errors = tuple(errors)


class NotAuthenticated(UzoError):
    code = "not_authenticated"
    status = 401
    title = "Sign in first"


class LimitReached(UzoError):
    """A limit of the plan; `extra` names the limit and what would lift it."""

    code = "limit_reached"
    status = 402
    title = "A limit of your plan is reached"


class Forbidden(UzoError):
    """You may see it, but not do that."""

    code = "forbidden"
    status = 403
    title = "You may not do that"


class FeatureDisabled(Forbidden):
    code = "feature_disabled"
    title = "Your plan does not include this"


class NotFound(UzoError):
    """It does not exist, or you may not see it: nobody can tell which."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(UzoError):
    code = "conflict"
    status = 409
    title = "That is not possible in the present state"


class Gone(UzoError):
    code = "gone"
    status = 410
    title = "It was kept for a time and is no longer here"


class TooLarge(UzoError):
    code = "too_large"
    status = 413
    title = "That is too large"


class Unprocessable(UzoError):
    """Well-formed, but it cannot be done as it says."""

    code = "unprocessable"
    status = 422
    title = "That cannot be done as it stands"


class TooComplex(Unprocessable):
    code = "too_complex"
    title = "That is too deep or has too many parts"


class TooManyRequests(UzoError):
    """`retry_after` is in whole seconds."""

    code = "throttled"
    status = 429
    title = "Too many requests"
    recovery = Recovery.TRANSIENT

    def __init__(self, message: str = "", *, retry_after: int, **kwargs: Any) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)}, **kwargs)


class Unavailable(UzoError):
    """A part that is needed is not there now; the same call may work later."""

    code = "unavailable"
    status = 503
    title = "Not available right now"
    recovery = Recovery.TRANSIENT


class NodeError(UzoError):
    """A node failed while it ran; `code` is shown on the node and in its `error` port row."""

    code = "node_failed"
    status = 422
    title = "The node failed"


class TransientNodeError(NodeError):
    """A node failed for a reason that may pass: retries make sense."""

    recovery = Recovery.TRANSIENT
