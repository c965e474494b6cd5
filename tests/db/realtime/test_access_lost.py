"""What a socket was allowed to hear, it may lose while it listens (THREATS 20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.realtime import log
from tests.e2e.client import diagram, node

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_tenant")]


@pytest.fixture
def vera(person: Callable[[str], Any]) -> Any:
    return person("vera")


@pytest.fixture
def olive(person: Callable[[str], Any]) -> Any:
    return person("olive")


def saved_workflow(owner: Any) -> Any:
    from apps.workflows.services.saving import create_workflow
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    folder = create_folder(workspace=create_workspace(by=owner, name="Sea"), by=owner, name="Tides")
    job = create_job(folder=folder, by=owner, name="Nightly")
    drawn = diagram([node("ebb", "control", "wait", seconds=0)], [])
    return create_workflow(job=job, by=owner, name="Tide", diagram=drawn).workflow


def queued_execution(owner: Any, workflow: Any) -> Any:
    from apps.executions.services import start_execution

    return start_execution(viewer=owner, workflow_id=workflow.pk)


def let_read(obj: Any, to: Any) -> Any:
    from apps.accounts.access import Level
    from apps.accounts.services.permissions import grant

    return grant(obj=obj, to=to, level=Level.READ)


def group_with(obj: Any, member: Any, owner: Any) -> Any:
    """Membership in a group that may read the object."""
    from apps.accounts.services.groups import add_member, create_group

    group = create_group(name="Night watch", by=owner)
    let_read(obj, group)
    return add_member(group=group, user=member, by=owner)


def revoked(grant: Any) -> None:
    from apps.accounts.services.permissions import revoke

    revoke(grant=grant)


def deleted_behind_the_back(grant: Any) -> None:
    """Taken from the table, by no service: nobody is told."""
    type(grant).objects.filter(pk=grant.pk).delete()


def left(membership: Any, owner: Any) -> None:
    from apps.accounts.services.groups import remove_member

    remove_member(membership=membership, by=owner)


async def listening(socket: Any, ticket: str, *channels: str) -> Any:
    wire = socket(f"/ws/?ticket={ticket}")
    assert await wire.connect()
    for channel in channels:
        await wire.say(type="subscribe", channel=channel)
        while (message := await wire.hear())["type"] != "subscribed":
            assert message["type"] == "event", message
    return wire


async def refusals(wire: Any, count: int) -> list[dict[str, Any]]:
    """The next errors, within five seconds; events that came before them are passed over."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = await wire.hear(timeout=5)
        found += [message] if message["type"] == "error" else []
    return sorted(found, key=lambda each: str(each["channel"]))


@pytest.mark.parametrize("taken", [revoked, deleted_behind_the_back])
async def test_t20_a_permission_taken_back_ends_the_channels_it_opened_within_five_seconds(
    socket: Any, ticket_of: Any, olive: Any, vera: Any, in_tenant: Any, taken: Any
) -> None:
    workflow = await in_tenant(saved_workflow, olive)
    execution = await in_tenant(queued_execution, olive, workflow)
    grant = await in_tenant(let_read, workflow, vera)
    own = f"user:{vera.pk}"
    lost = sorted([f"workflow:{workflow.pk}", f"execution:{execution.pk}"])
    wire = await listening(socket, ticket_of(vera), own, *lost)
    await in_tenant(taken, grant)
    assert await refusals(wire, 2) == [{"type": "error", "code": "not_found", "channel": channel} for channel in lost]
    for channel in lost:
        await in_tenant(log.append, channel, "tide", {"metres": 3})
    greeting = await in_tenant(log.append, own, "greeting", {"text": "Ahoy"})
    assert (await wire.hear())["id"] == greeting, "the socket lives, and hears nothing else"
    assert await wire.receive_nothing(timeout=0.3)
    for channel in lost:
        await wire.say(type="subscribe", channel=channel, last_event_id=0)
        assert (await wire.hear())["code"] == "not_found"


async def test_t20_who_leaves_the_group_that_opened_a_channel_loses_it(
    socket: Any, ticket_of: Any, olive: Any, vera: Any, in_tenant: Any
) -> None:
    workflow = await in_tenant(saved_workflow, olive)
    membership = await in_tenant(group_with, workflow, vera, olive)
    channel = f"workflow:{workflow.pk}"
    wire = await listening(socket, ticket_of(vera), channel)
    await in_tenant(left, membership, olive)
    assert await refusals(wire, 1) == [{"type": "error", "code": "not_found", "channel": channel}]
    await in_tenant(log.append, channel, "tide", {})
    assert await wire.receive_nothing(timeout=0.3)


async def test_t20_nobody_hears_of_a_workflow_that_was_deleted(
    socket: Any, ticket_of: Any, olive: Any, vera: Any, in_tenant: Any
) -> None:
    workflow = await in_tenant(saved_workflow, olive)
    await in_tenant(let_read, workflow, vera)
    channel = f"workflow:{workflow.pk}"
    wire = await listening(socket, ticket_of(vera), channel)
    await in_tenant(deleted, workflow, olive)
    assert await refusals(wire, 1) == [{"type": "error", "code": "not_found", "channel": channel}]


def deleted(workflow: Any, owner: Any) -> None:
    from apps.workspaces.services.deletion import delete

    workspace_id = workflow.job.folder.workspace_id
    delete(workflow, object_type="workflow", workspace_id=workspace_id, by=owner)
