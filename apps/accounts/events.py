"""What happens to people and their permissions. Audit listens within, sockets after."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    """`by` is who did it; None for the person alone, or the system."""

    user_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(UserEvent):
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(UserEvent):
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(UserEvent):
    """A link to choose the first password was mailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(UserEvent):
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(UserEvent):
    """Every token and socket of this person ends now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(UserEvent):
    """`method` is `token` or `session`."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInsRevoked(UserEvent):
    """`reason`: logout, reuse, password, disabled."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(UserEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated(UserEvent):
    api_key_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyDeleted(UserEvent):
    api_key_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEvent(Event):
    group_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCreated(GroupEvent):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanged(GroupEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDeleted(GroupEvent):
    """`members` are those who were in it."""

    members: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(GroupEvent):
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(GroupEvent):
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged(Event):
    """Made, changed or deleted; whoever carries it may do other things now."""

    role_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionEvent(Event):
    """Exactly one of `user_id` and `group_id` is set. `level` is the value of a Level."""

    permission_id: UUID
    object_type: str
    object_id: UUID
    level: str
    user_id: UUID | None = None
    group_id: UUID | None = None
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionGranted(PermissionEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRevoked(PermissionEvent):
    pass
