"""Who may call an endpoint, as data: views declare rules, tests and the OpenAPI document read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from apps.kernel.errors import NotAuthenticated

if TYPE_CHECKING:
    from rest_framework.request import Request


class Rule(Protocol):
    @property
    def public(self) -> bool: ...

    def check(self, view: Any, request: Request) -> None:
        """Return for those who may; raise NotAuthenticated, NotFound or Forbidden, in this order."""


def require_signed_in(request: Request) -> Any:
    """Who asks; raises NotAuthenticated for a stranger."""
    if request.user is None or not request.user.is_authenticated:
        raise NotAuthenticated(remedy="Send a bearer token or an API key, or sign in")
    return request.user


@dataclass(frozen=True, slots=True)
class Public:
    """Anybody, without a credential."""

    public: bool = True

    def check(self, view: Any, request: Request) -> None:
        """Nothing to check."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Anybody with a credential of this host."""

    public: bool = False

    def check(self, view: Any, request: Request) -> None:  # noqa: ARG002
        require_signed_in(request)
