"""Who may do what with an object, and why; and what one person may do. For people who decide about access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, NullIf

from apps.accounts import access
from apps.accounts.core import reasons as core
from apps.accounts.core.levels import Level
from apps.accounts.core.reasons import Held, Place
from apps.accounts.models import ApiKey, Group, GroupGrant, Membership, RefreshToken, Role, User, UserGrant

OWNER = "owner of the subscription"
BY_ROLE = "their role lets them grant on every object that they can read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`source`: `owner`, `role` (may grant, which is no level), `direct`, `group`. `inherited` says that the
    grant is on something above; `object_name` is None where the viewer may not read that."""

    source: str
    because: str
    level: Level | None = None
    permission_id: UUID | None = None
    object_type: str | None = None
    object_id: UUID | None = None
    object_name: str | None = None
    inherited: bool = False
    group_id: UUID | None = None
    group_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A person or a group that may do something with the object. `levels` is empty for somebody switched off."""

    kind: str
    id: UUID
    name: str
    email: str | None = None
    is_active: bool = True
    member_count: int | None = None
    levels: Sequence[Level] = ()
    reasons: Sequence[Reason] = field(default=())


def may_grant(viewer: User, obj: Model) -> bool:
    """Whether the viewer may grant on an object that they can read."""
    return access.allowed(viewer, obj, Level.ADMIN) or access.may(viewer, "permissions.manage")


def who_may(viewer: User, obj: Model) -> list[Entry]:
    """Everybody who may do something with the object, groups first, by name. Who may not grant on it learns
    only of themselves, and whom to ask: those who hold admin. The number of queries depends on nothing but
    how many kinds lie above the object."""
    ancestors = list(access.kind_of(obj).ancestors(obj))
    to_people, to_groups = _grants_on(ancestors)
    members = _members({grant.group_id for grant in to_groups if grant.group_id})
    owners = User.objects.living().filter(is_owner=True).values_list("pk", flat=True)
    people = {
        person.pk: person
        for person in User.objects.living().filter(pk__in={*owners, *members, *(grant.user_id for grant in to_people)})
    }
    shared_with = _groups({grant.group_id for grant in to_groups if grant.group_id})
    grantors = _grantors(people)
    said = _Words(obj, _names(viewer, ancestors), shared_with)
    own = defaultdict(list)
    for grant in to_people:
        own[grant.user_id].append(grant)
    by_group = defaultdict(list)
    for grant in to_groups:
        by_group[grant.group_id].append(grant)

    def of_person(person: User) -> Entry:
        held = [*own[person.pk], *(grant for group in members.get(person.pk, ()) for grant in by_group[group])]
        found = said.reasons(core.reasons(ancestors, held))
        levels = core.effective(grant.level for grant in held)
        if person.is_owner:
            found, levels = [Reason(source="owner", because=OWNER, level=Level.ADMIN), *found], [Level.ADMIN]
        elif person.pk in grantors:
            found = [*found, Reason(source="role", because=BY_ROLE)]
        return Entry(
            kind="user",
            id=person.pk,
            name=person.name,
            email=person.email,
            is_active=person.is_active,
            levels=levels if person.is_active else [],
            reasons=found,
        )

    entries = sorted((of_person(person) for person in people.values()), key=_by_name)
    if not may_grant(viewer, obj):
        return [_only_whom_to_ask(entry, viewer) for entry in entries if _concerns(entry, viewer)]
    shared = [
        Entry(
            kind="group",
            id=group.pk,
            name=group.name,
            member_count=group.member_count,  # type: ignore[attr-defined]
            levels=core.effective(grant.level for grant in by_group[group.pk]),
            reasons=said.reasons(core.reasons(ancestors, by_group[group.pk])),
        )
        for group in shared_with.values()
    ]
    return [*sorted(shared, key=_by_name), *entries]


def _by_name(entry: Entry) -> tuple[str, str]:
    return (entry.name or entry.email or "").lower(), str(entry.id)


def _concerns(entry: Entry, viewer: User) -> bool:
    return entry.id == viewer.pk or list(entry.levels) == [Level.ADMIN]


def _only_whom_to_ask(entry: Entry, viewer: User) -> Entry:
    if entry.id == viewer.pk:
        return entry
    return Entry(kind=entry.kind, id=entry.id, name=entry.name, email=entry.email, levels=entry.levels)


def _grants_on(places: Collection[Place]) -> tuple[list[Held], list[Held]]:
    """Grants on the places, to people and to groups; three queries."""
    models = {name: access.kind_named(name).model for name, _ in places}
    types = ContentType.objects.get_for_models(*models.values(), for_concrete_models=False)
    on = Q(pk__in=[])
    for name, id in places:
        on |= Q(content_type=types[models[name]], object_pk=str(id))
    return (
        [_held(*row[:3], user_id=row[3]) for row in _rows(UserGrant.objects.filter(on), "user_id")],
        [_held(*row[:3], group_id=row[3]) for row in _rows(GroupGrant.objects.filter(on), "group_id")],
    )


def _rows(grants: QuerySet[Any], whose: str) -> Iterable[tuple[Any, ...]]:
    return grants.values_list("pk", "object_pk", "permission__codename", whose)


def _held(pk: UUID, object_pk: str, codename: str, **to: UUID) -> Held:
    level, _, kind = codename.partition("_")
    return Held(pk, Level(level), (kind, UUID(object_pk)), **to)


def _members(groups: Collection[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for user_id, group_id in Membership.objects.filter(group_id__in=groups).values_list("user_id", "group_id"):
        found[user_id].append(group_id)
    return found


def _groups(ids: Collection[UUID]) -> dict[UUID, Group]:
    return {group.pk: group for group in groups().filter(pk__in=ids)}


def _grantors(people: Collection[UUID]) -> frozenset[UUID]:
    carries = ["permissions.manage"]
    found = User.objects.filter(
        Q(role__capabilities__contains=carries) | Q(groups__role__capabilities__contains=carries), pk__in=list(people)
    )
    return frozenset(found.values_list("pk", flat=True))


def _names(viewer: User, places: Iterable[Place]) -> dict[Place, str]:
    """Names of those places that the viewer may read; a query for each kind."""
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for kind, id in places:
        by_kind[kind].add(id)
    return {
        (kind, pk): name
        for kind, ids in by_kind.items()
        for pk, name in access.visible(viewer, kind).filter(pk__in=ids).values_list("pk", "name")
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """Says a grant as a reason on `obj`."""

    obj: Model
    names: Mapping[Place, str]
    groups: Mapping[UUID, Group]

    def reasons(self, held: Iterable[Held]) -> list[Reason]:
        return [self._reason(grant) for grant in held]

    def _reason(self, grant: Held) -> Reason:
        kind, id = grant.place
        group = self.groups.get(grant.group_id) if grant.group_id else None
        inherited = id != self.obj.pk
        name = self.names.get(grant.place)
        where = f"the {kind.replace('_', ' ')} {name or id}" if inherited else "it"
        to = f" to the group {group.name}" if group else ""
        return Reason(
            source="group" if grant.group_id else "direct",
            because=f"{grant.level} was granted on {where}{to}",
            level=grant.level,
            permission_id=grant.permission_id,
            object_type=kind,
            object_id=id,
            object_name=name,
            inherited=inherited,
            group_id=grant.group_id,
            group_name=group.name if group else None,
        )


def objects_of(viewer: User, person: User, kind_name: str) -> QuerySet[Any]:
    """The objects of a kind on which the person may do something, of those that the viewer may read."""
    theirs = access.visible(person, kind_name)
    return access.visible(viewer, kind_name).filter(pk__in=theirs.order_by().values("pk"))


def what_may(viewer: User, person: User, objects: Sequence[Any]) -> list[Sequence[Reason]]:
    """Why the person may do what with each of the objects, which are of one kind. The number of queries does
    not depend on how many there are."""
    theirs = {group.pk: group for group in person.groups.all()}
    held = [
        *(_held(*row[:3], user_id=row[3]) for row in _rows(UserGrant.objects.filter(user=person), "user_id")),
        *(_held(*row[:3], group_id=row[3]) for row in _rows(GroupGrant.objects.filter(group__in=theirs), "group_id")),
    ]
    found = [(obj, core.reasons(list(access.kind_of(obj).ancestors(obj)), held)) for obj in objects]
    names = _names(viewer, {grant.place for _, grants in found for grant in grants})
    owner = [Reason(source="owner", because=OWNER, level=Level.ADMIN)] if person.is_owner else []
    return [[*owner, *_Words(obj, names, theirs).reasons(grants)] for obj, grants in found]


def levels_of(reasons: Iterable[Reason]) -> list[Level]:
    """What reasons come to."""
    return core.effective(reason.level for reason in reasons if reason.level is not None)


def people() -> QuerySet[User]:
    """Everybody who was not removed, with role, groups, and `last_seen_at`: when they last signed in, loaded a
    page, renewed a token or used a key. Two queries."""
    renewed = RefreshToken.objects.filter(sign_in__user=OuterRef("pk")).order_by("-created_at").values("created_at")
    used = ApiKey.objects.filter(user=OuterRef("pk"), last_used_at__isnull=False).order_by("-last_used_at")
    return (
        User.objects.living()
        .select_related("role")
        .prefetch_related(Prefetch("groups", Group.objects.order_by("name")))
        .annotate(
            last_seen_at=Greatest(
                "last_login", "seen_at", Subquery(renewed[:1]), Subquery(used.values("last_used_at")[:1])
            )
        )
    )


def groups() -> QuerySet[Group]:
    """All groups with role and `member_count`."""
    counted = Count("memberships", filter=Q(memberships__user__deleted_at=None))
    return Group.objects.select_related("role").annotate(member_count=counted)


def roles() -> QuerySet[Role]:
    """All roles, with how many people (`user_count`) and groups (`group_count`) carry them."""
    return Role.objects.annotate(
        user_count=Count("users", filter=Q(users__deleted_at=None), distinct=True),
        group_count=Count("groups", distinct=True),
    )


def subjects(search: str) -> QuerySet[Any, Any]:
    """Whom one could grant to: active people and groups, as rows of `kind`, `id`, `name`, `email`."""
    people = User.objects.living().filter(is_active=True)
    groups = Group.objects.all()
    for word in search.split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
        groups = groups.filter(name__icontains=word)
    shown = Coalesce(NullIf("name", Value("")), F("email"), output_field=CharField())
    return (
        people.order_by()
        .values("id", "name", "email", kind=Value("user"), shown=shown)
        .union(groups.order_by().values("id", "name", email=Value(""), kind=Value("group"), shown=F("name")))
        .order_by("kind", "shown", "id")
    )
