"""Who may do what with which object: the one door. Grants on a container flow down to what lies in it.

Rooms above register their kinds of objects; this module asks them where an object lies and how to find
what lies in a container. Everything starts from what the viewer may see, so forgetting a check shows nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

from apps.accounts.core import capabilities
from apps.accounts.core.levels import Level, any_includes
from apps.kernel.errors import Forbidden, NotFound
from apps.kernel.registry import Registry

if TYPE_CHECKING:
    from apps.accounts.models import User

__all__ = [
    "Level",
    "ObjectKind",
    "allowed",
    "because",
    "get_visible",
    "grants_of",
    "kind_named",
    "kind_of",
    "may",
    "register_kind",
    "remembering_grants",
    "require_on",
    "visible",
]


@dataclass(frozen=True)
class ObjectKind:
    """A kind of object that can be granted on.

    `living` are its living objects: what is deleted, or lies below something deleted, is gone. It is built once,
    since that takes as long as asking for one of them; take it by `queryset`.
    `containers` maps a kind that can hold this one to a Q that selects this kind's rows lying, at any
    depth, in those containers. `ancestors` gives (kind, id) of an object itself and all above it.
    """

    name: str
    model: type[Model]
    living: QuerySet[Any] = field(repr=False)
    containers: Mapping[str, Callable[[Collection[UUID]], Q]]
    ancestors: Callable[[Any], Iterable[tuple[str, UUID]]]

    def queryset(self) -> QuerySet[Any]:
        """The living objects, not asked for yet."""
        return self.living.all()


_kinds: Registry[ObjectKind] = Registry("kind of object")

Grants = Mapping[str, Mapping[UUID, frozenset[Level]]]
"""Kind's name → object's id → levels held on it."""


def register_kind(kind: ObjectKind) -> None:
    """Make a kind of object known; call it in `ready()`. Its grants go when an object is deleted for good."""
    from django.db.models.signals import post_delete

    from apps.accounts.services.permissions import forget_grants_of

    _kinds.register(kind.name, kind)
    # A signal, against the custom of the house: no way of deleting a row may leave its grants behind.
    post_delete.connect(forget_grants_of, sender=kind.model, dispatch_uid=f"grants of {kind.name}")


def kind_named(name: str) -> ObjectKind:
    """The kind of that name. Raises NotFound."""
    kind = _kinds.get(name)
    if kind is None:
        raise NotFound(f"There is no kind of object {name!r}", remedy=f"Known: {', '.join(_kinds)}")
    return kind


def kind_names() -> tuple[str, ...]:
    return tuple(_kinds)


def kind_of(obj: Model) -> ObjectKind:
    """The kind that an object belongs to. An object of no kind is a programming error (LookupError)."""
    for kind in _kinds.values():
        if isinstance(obj, kind.model):
            return kind
    raise LookupError(f"{type(obj).__name__} is of no registered kind")


_remembered: ContextVar[dict[UUID, Grants] | None] = ContextVar("remembered_grants", default=None)


@contextmanager
def remembering_grants() -> Iterator[None]:
    """Within, a viewer's grants are read once. For one request; nothing longer, or a revocation goes unseen."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def forget_remembered() -> None:
    """Grants have changed: read them anew."""
    known = _remembered.get()
    if known is not None:
        known.clear()


def grants_of(viewer: User) -> Grants:
    """Everything granted to the viewer and the groups they are in; one query."""
    known = _remembered.get()
    if known is not None and viewer.pk in known:
        return known[viewer.pk]
    grants = _read_grants(viewer)
    if known is not None:
        known[viewer.pk] = grants
    return grants


def _read_grants(viewer: User) -> Grants:
    from apps.accounts.models import GroupGrant, UserGrant

    columns = {
        "app": F("content_type__app_label"),
        "of": F("content_type__model"),
        "codename": F("permission__codename"),
    }
    own = UserGrant.objects.filter(user=viewer).values_list("object_pk", *columns.values())
    by_group = GroupGrant.objects.filter(group__memberships__user=viewer).values_list("object_pk", *columns.values())
    names = {(kind.model._meta.app_label, kind.model._meta.model_name): kind.name for kind in _kinds.values()}
    found: dict[str, dict[UUID, set[Level]]] = defaultdict(lambda: defaultdict(set))
    for object_pk, app_label, model, codename in own.union(by_group):
        name = names.get((app_label, model))
        if name is not None:
            found[name][UUID(object_pk)].add(Level(codename.partition("_")[0]))
    return {name: {pk: frozenset(levels) for pk, levels in objects.items()} for name, objects in found.items()}


def _within_scopes(viewer: User, level: Level) -> bool:
    return viewer.scopes is None or any_includes(viewer.scopes, level)


def visible(viewer: User, kind_name: str, level: Level = Level.READ) -> QuerySet[Any]:
    """The living objects of a kind on which the viewer holds the level."""
    kind = kind_named(kind_name)
    if not viewer.is_active or not _within_scopes(viewer, level):
        return kind.queryset().none()
    if viewer.is_owner:
        return kind.queryset()
    grants = grants_of(viewer)

    def held(name: str) -> list[UUID]:
        return [pk for pk, levels in grants.get(name, {}).items() if any_includes(levels, level)]

    conditions = [Q(pk__in=ids)] if (ids := held(kind.name)) else []
    conditions += [inside(ids) for name, inside in kind.containers.items() if (ids := held(name))]
    if not conditions:
        return kind.queryset().none()
    condition = conditions[0]
    for other in conditions[1:]:
        condition |= other
    return kind.queryset().filter(condition)


def because(viewer: User, obj: Model, level: Level) -> str | None:
    """Why the viewer holds the level on the object, in words; None when they do not."""
    if not viewer.is_active or not _within_scopes(viewer, level):
        return None
    if viewer.is_owner:
        return "owner of the subscription"
    kind = kind_of(obj)
    grants = grants_of(viewer)
    for name, pk in kind.ancestors(obj):
        for held in sorted(grants.get(name, {}).get(pk, ())):
            if held.includes(level):
                where = "it" if pk == obj.pk and name == kind.name else f"the {name.replace('_', ' ')} {pk}"
                return f"{held} was granted on {where}"
    return None


def allowed(viewer: User, obj: Model, level: Level) -> bool:
    """Whether the viewer holds the level on the object, by a grant on it or on anything above it."""
    return because(viewer, obj, level) is not None


def get_visible(
    viewer: User, kind_name: str, id: UUID, level: Level = Level.READ, *, include_deleted: bool = False
) -> Any:
    """The object. Raises NotFound if it is not there or the viewer may not read it, Forbidden if they may
    read it but do not hold the level. With `include_deleted`, what is deleted (but not purged) is found too."""
    kind = kind_named(kind_name)
    objects = kind.model._base_manager.all() if include_deleted else kind.queryset()
    obj = next(iter(objects.filter(pk=id)), None)
    if obj is None:
        raise NotFound(f"There is no {kind_name.replace('_', ' ')} {id}")
    require_on(viewer, obj, level)
    return obj


def require_on(viewer: User, obj: Model, level: Level) -> None:
    """Raise NotFound where the viewer may not read an object that was found already, Forbidden where they may read
    it but do not hold the level."""
    label = kind_of(obj).name.replace("_", " ")
    if not allowed(viewer, obj, Level.READ):
        raise NotFound(f"There is no {label} {obj.pk}")
    if not allowed(viewer, obj, level):
        raise Forbidden(f"You need the permission {level} on this {label}", remedy="Ask somebody who holds admin on it")


def may(viewer: User, capability: str) -> bool:
    """Whether the viewer's role, or that of a group they are in, carries the capability; an owner's always.

    Raises KeyError for a capability that nobody registered.
    """
    known = capabilities.REGISTRY[capability]
    if not viewer.is_active or not _within_scopes(viewer, known.scope):
        return False
    return viewer.is_owner or capability in capabilities_of(viewer)


def capabilities_now(viewer: User) -> frozenset[str]:
    """All that `may` says yes to; one query."""
    if not viewer.is_active:
        return frozenset()
    held = capabilities_of(viewer)
    return frozenset(name for name in held if _within_scopes(viewer, capabilities.REGISTRY[name].scope))


def capabilities_of(viewer: User) -> frozenset[str]:
    """All capabilities of the viewer's own role and their groups' roles, whatever the scopes; one query."""
    from apps.accounts.models import Role

    if viewer.is_owner:
        return frozenset(capabilities.REGISTRY)
    roles = Role.objects.filter(Q(users=viewer) | Q(groups__memberships__user=viewer)).values_list(
        "capabilities", flat=True
    )
    return frozenset(name for names in roles for name in names)


def require(viewer: User, capability: str) -> None:
    """Raises Forbidden unless the viewer has the capability."""
    if not may(viewer, capability):
        label = capabilities.REGISTRY[capability].label
        raise Forbidden(
            f"Your role does not let you: {label.lower()}",
            remedy="Ask the owner of the subscription",
            extra={"capability": capability},
        )
