"""Access tokens: signed, short, good on one host's tenant only. Nothing here reads the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.errors import NotAuthenticated

ALGORITHM = "HS256"
OPERATOR_AUDIENCE = "operator"


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    sign_in_id: UUID


def audience() -> str:
    """Whose tokens are good here: the id of the current tenant, or the operators'."""
    return str(getattr(connection.tenant, "id", None) or OPERATOR_AUDIENCE)


def make_access(*, user_id: UUID, sign_in_id: UUID) -> str:
    moment = now()
    claims: dict[str, Any] = {
        "sub": str(user_id),
        "sid": str(sign_in_id),
        "aud": audience(),
        "iat": moment,
        "exp": moment + settings.ACCESS_TOKEN_LIFETIME,
    }
    return jwt.encode(claims, settings.SECRET_KEY, algorithm=ALGORITHM)


def read_access(token: str) -> Claims:
    """Raises NotAuthenticated for a token that is wrong, old, or of another tenant."""
    try:
        claims = jwt.decode(
            token,
            settings.SECRET_KEY,
            algorithms=[ALGORITHM],
            audience=audience(),
            options={"require": ["sub", "sid", "aud", "exp"]},
        )
        return Claims(UUID(claims["sub"]), UUID(claims["sid"]))
    except jwt.ExpiredSignatureError as error:
        raise NotAuthenticated("The access token is over", code="token_expired", remedy="Refresh it") from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise NotAuthenticated("The access token is not good here", code="token_invalid", remedy="Sign in") from error
