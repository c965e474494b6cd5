"""What an event says for the audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from apps.audit.core.entries import LONGEST, read
from apps.kernel.events import Event
from apps.kernel.ids import new_id
from apps.workspaces.events import ResourceDeleted, ResourceMoved

EDGAR, FOLDER, OFFICE = new_id(), new_id(), new_id()


def test_a_resources_event_is_named_after_its_kind() -> None:
    said = read(
        ResourceDeleted(
            object_type="folder", object_id=FOLDER, name="Arrivals", workspace_id=OFFICE, by=EDGAR, hard=True
        )
    )
    assert (said.action, said.object_type, said.object_id) == ("folder_deleted", "folder", FOLDER)
    assert (said.object_name, said.workspace_id, said.by) == ("Arrivals", OFFICE, EDGAR)
    assert said.details == {"hard": True}


def test_before_and_after_are_kept() -> None:
    changes = {"parent_id": [str(OFFICE), str(FOLDER)]}
    said = read(ResourceMoved(object_type="job", object_id=FOLDER, name="Count", workspace_id=OFFICE, changes=changes))
    assert (said.action, said.details) == ("job_moved", {"changes": changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWaved(Event):
    user_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Locker:
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCut(Event):
    key_id: UUID
    door_id: UUID
    by: UUID | None
    locker: Locker = field(repr=False)
    note: str


def test_what_a_person_does_alone_is_theirs() -> None:
    said = read(UserWaved(user_id=EDGAR))
    assert (said.action, said.object_type, said.object_id, said.by) == ("user_waved", "user", EDGAR, EDGAR)


def test_the_first_id_is_the_object_and_nested_things_are_never_kept() -> None:
    event = KeyCut(key_id=FOLDER, door_id=OFFICE, by=EDGAR, locker=Locker(password="hunter2"), note="x" * 9999)
    said = read(event)
    assert (said.action, said.object_type, said.object_id) == ("key_cut", "key", FOLDER)
    assert said.details == {"door_id": str(OFFICE), "note": "x" * LONGEST}
    assert "hunter2" not in str(said)
