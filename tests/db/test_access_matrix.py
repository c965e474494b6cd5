"""Every endpoint against every role, from the OpenAPI document: rules hold on the server, not in the pages.

What an endpoint must answer follows from the rule that its view declares. A view without a rule, and a
kind of rule that this module has no expectation for, fail. T5: with the ids of another tenant all is 404.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import resolve

from apps.accounts.access import Level, allowed, may
from apps.accounts.api import rules as people
from apps.accounts.api.base import Capability, OnObject
from apps.accounts.models import Group, Membership, Role, User
from apps.accounts.services.api_keys import create as create_key
from apps.accounts.services.permissions import grant, grant_by_role
from apps.connectors.services.connectors import create_connector
from apps.executions.api.rules import OnApproval, OnExecution, OnJobRun
from apps.executions.models import Approval, JobRun, WorkflowExecution
from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.rules import Public, SignedIn
from apps.kernel.api.schema_views import document
from apps.schedules.api.rules import OnBackfill, OnStarter
from apps.schedules.models import Backfill
from apps.schedules.services.hooks import create_hook
from apps.schedules.services.schedules import create_schedule
from apps.schedules.services.triggers import create_trigger
from apps.tenants.api.rules import Operator
from apps.workflows.api.environments import OnEnvironment
from apps.workflows.api.versions import OnVersion
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from apps.workflows.services.environments import create_environment
from apps.workflows.services.saving import create_workflow
from apps.workspaces.services.folders import create_folder
from apps.workspaces.services.job_packages import create_job_package
from apps.workspaces.services.jobs import create_job
from apps.workspaces.services.workspaces import create_workspace
from tests.db.conftest import RIVAL_HOST

ROLES = ("owner", "editor", "runner", "viewer", "stranger", "nobody")
"""The roles that a tenant starts with, granted on the workspace as their role says; a stranger has an
account and no grant, nobody has no credential."""
SAMPLES = {"node_id": "flights", "name": "tides.csv", "key": "lineage", "type": "users"}
CONNECTOR_TYPE = "files"
DIAGRAM: dict[str, Any] = {"nodes": [], "edges": []}


@dataclass(frozen=True)
class World:
    """One object of every kind, and who stands on them how."""

    objects: dict[str, Any]
    people: dict[str, User]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    view: type[Any]

    @property
    def rule(self) -> Any:
        return self.view.rules[self.method]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(urlconf: str) -> list[Operation]:
    found = []
    for path, methods in sorted(document(urlconf)["paths"].items()):
        sample = re.sub(r"\{(?:id|user_id)\}", str(UUID(int=1)), path)
        view = resolve(re.sub(r"\{\w+\}", "x", sample), urlconf=urlconf).func
        found += [Operation(method, path, view.view_class) for method in methods]  # type: ignore[attr-defined]
    return found


@pytest.fixture
def world(owner: User, editor: User, runner: User, viewer: User) -> World:
    workspace = create_workspace(by=owner, name="Harbour")
    folder = create_folder(by=owner, workspace=workspace, name="Arrivals")
    job = create_job(by=owner, folder=folder, name="Nightly")
    package = create_job_package(workspace=workspace, by=owner, name="All", job_ids=[job.pk])
    workflow = create_workflow(job=job, by=owner, name="Tides", diagram=DIAGRAM).workflow
    connector = create_connector(viewer=owner, name="Files", connector_type=CONNECTOR_TYPE, config={})
    version = workflow.versions.get()
    plan = compile_plan(analyse(DIAGRAM, parameters=None, catalog=None, connectors=None)).as_json()
    execution = WorkflowExecution.objects.create(workflow=workflow, version=version, triggered_by=owner, plan=plan)
    job_run = JobRun.objects.create(job=job, triggered_by=owner)
    schedule = create_schedule(target=job, by=owner, cron="@daily")
    day = {"begin": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2026, 1, 2, tzinfo=UTC)}
    backfill = Backfill.objects.create(schedule=schedule, **day)
    trigger = create_trigger(target=job, by=owner, kind="file_arrived", connector_id=connector.pk)
    hook, _ = create_hook(target=workflow, by=owner)
    approval = Approval.objects.create(execution=execution, node_id="ask", key="1", anyone=True)
    environment = create_environment(workspace=workspace, by=owner, name="production")
    group = Group.objects.create(name="Pilots")
    for person in (editor, runner, viewer):
        grant_by_role(obj=workspace, to=person)
        grant_by_role(obj=connector, to=person)
    Membership.objects.create(group=group, user=viewer)
    somebody = User.objects.create_user("somebody@harbour.example")
    objects = {
        "workspace": workspace, "folder": folder, "job": job, "job_package": package, "workflow": workflow,
        "connector": connector, "execution": execution, "job_run": job_run,
        "schedule": schedule, "backfill": backfill, "trigger": trigger, "hook": hook, "group": group, "user": somebody,
        "role": Role.objects.create(name="bosun"), "key": create_key(user=owner, name="Olive's")[0],
        "approval": approval, "environment": environment, "version": version,
        "grant": grant(obj=workspace, to=somebody, level=Level.READ),
    }  # fmt: skip
    stranger = User.objects.create_user("sue@harbour.example")
    return World(objects, {"owner": owner, "editor": editor, "runner": runner, "viewer": viewer, "stranger": stranger})


# What a rule means: the kind of object that `id` names, and the refusal for a viewer (None: let through).
Expectation = tuple[Callable[[Any], str | None], Callable[[Any, User, World], int | None]]


def _levels(obj: Any, viewer: User, level: Level) -> int | None:
    if not allowed(viewer, obj, Level.READ):
        return 404
    return None if allowed(viewer, obj, level) else 403


def _managed(capability: str, seen: Callable[[User, World], bool]) -> Callable[[Any, User, World], int | None]:
    def refusal(rule: Any, viewer: User, world: World) -> int | None:
        if may(viewer, capability):
            return None
        return (403 if rule.manage else None) if seen(viewer, world) else 404

    return refusal


def _grant(_: Any, viewer: User, world: World) -> int | None:
    return _levels(world.objects["workspace"], viewer, Level.ADMIN)


EXPECTATIONS: dict[type[Any], Expectation] = {
    Public: (lambda _: None, lambda *_: None),
    SignedIn: (lambda _: None, lambda *_: None),
    Capability: (lambda _: None, lambda rule, viewer, _: None if may(viewer, rule.name) else 403),
    people.AnyCapability: (
        lambda _: None,
        lambda rule, viewer, _: None if any(may(viewer, name) for name in rule.names) else 403,
    ),
    OnObject: (
        lambda rule: rule.kind,
        lambda rule, viewer, world: _levels(world.objects[rule.kind], viewer, rule.level),
    ),
    OnExecution: (
        lambda _: "execution",
        lambda rule, viewer, world: _levels(world.objects["workflow"], viewer, rule.level),
    ),
    OnJobRun: (
        lambda _: "job_run",
        lambda rule, viewer, world: _levels(world.objects["job"], viewer, rule.level),
    ),
    OnStarter: (
        lambda rule: rule.model._meta.model_name,
        lambda rule, viewer, world: _levels(world.objects["job"], viewer, rule.level),
    ),
    OnBackfill: (
        lambda _: "backfill",
        lambda rule, viewer, world: _levels(world.objects["job"], viewer, rule.level),
    ),
    OnApproval: (
        lambda _: "approval",
        lambda _, viewer, world: None if allowed(viewer, world.objects["workflow"], Level.EXECUTE) else 404,
    ),
    OnEnvironment: (
        lambda _: "environment",
        lambda rule, viewer, world: _levels(world.objects["workspace"], viewer, rule.level),
    ),
    OnVersion: (
        lambda _: "version",
        lambda rule, viewer, world: _levels(world.objects["workflow"], viewer, rule.level),
    ),
    people.OnUser: (lambda _: "user", _managed("users.manage", lambda *_: False)),
    people.OnGroup: (
        lambda _: "group",
        _managed("groups.manage", lambda viewer, world: viewer == world.people["viewer"]),
    ),
    people.OnRole: (lambda _: "role", _managed("roles.manage", lambda *_: False)),
    people.OnOwnKey: (lambda _: "key", lambda _, viewer, world: None if viewer == world.people["owner"] else 404),
    people.OnGrant: (lambda _: "grant", _grant),
}


def expectation(rule: Any) -> Expectation:
    for kind in type(rule).__mro__:
        if kind in EXPECTATIONS:
            return EXPECTATIONS[kind]
    raise AssertionError(f"{type(rule).__name__} is a new kind of rule: say in EXPECTATIONS what it means")


def address(operation: Operation, world: World) -> str:
    kind = expectation(operation.rule)[0](operation.rule)
    values = {**SAMPLES, "user_id": world.objects["user"].pk, **({"id": world.objects[kind].pk} if kind else {})}
    return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "x")), operation.path)


def ask(client: Any, operation: Operation, world: World) -> Any:
    """The answer; what it did is undone."""
    client.raise_request_exception = client.handler.raise_request_exception = False
    point = transaction.savepoint()
    try:
        return client.generic(operation.method.upper(), address(operation, world), "{}", "application/json")
    finally:
        transaction.savepoint_rollback(point)


def test_every_endpoint_declares_a_rule_we_understand() -> None:
    found = operations("uzo.urls")
    assert len(found) > 60
    for operation in found:
        assert issubclass(operation.view, RuledAPIView), operation
        assert operation.method in operation.view.rules, operation
        expectation(operation.rule)
    for operation in operations("uzo.urls_operator"):
        assert isinstance(operation.rule, Operator | Public | SignedIn | people.OnOwnKey), operation


def wrong_answers(client: Any, viewer: User | None, world: World) -> Iterator[str]:
    for operation in operations("uzo.urls"):
        answer = ask(client, operation, world)
        said = f"{operation}: {answer.status_code} {answer.content[:200]!r}"
        if answer.status_code >= 500:
            yield said
        elif operation.rule.public:
            if "not_authenticated" in answer.content.decode():
                yield said
        elif viewer is None:
            if answer.status_code != 401:
                yield said
        else:
            refusal = expectation(operation.rule)[1](operation.rule, viewer, world)
            if refusal is not None and answer.status_code != refusal:
                yield f"{said}, not {refusal}"
            elif refusal is None and answer.status_code == 401:
                yield said
            elif refusal is None and answer.status_code in (403, 404) and _refused_by_rule(operation):
                yield f"{said}, though the rule lets through"


def _refused_by_rule(operation: Operation) -> bool:
    """Whether a 403 or 404 speaks of the object or the role, rather than of something inside (a file, a node)."""
    inside = "{node_id}" in operation.path or "{name}" in operation.path or "{user_id}" in operation.path
    # A copy is put somewhere: the job that the body names, by default the workflow's own, is asked as well.
    second = operation.path.endswith("/duplicate")
    return not inside and not second and not isinstance(operation.rule, SignedIn)


@pytest.mark.parametrize("role", ROLES)
def test_t12_every_endpoint_answers_each_role_as_its_rule_says(api: Any, world: World, role: str) -> None:
    viewer = world.people.get(role)
    wrong = list(wrong_answers(api(viewer), viewer, world))
    assert not wrong, "\n".join(wrong)


def test_t05_with_our_ids_the_rivals_owner_finds_nothing(api: Any, world: World, rival: Any, rival_owner: User) -> None:
    rosa = api(rival_owner, host=RIVAL_HOST, tenant=rival)
    wrong = []
    asked = 0
    for operation in operations("uzo.urls"):
        if "{id}" in operation.path:
            asked += 1
            answer = ask(rosa, operation, world)
            if answer.status_code != 404:
                wrong.append(f"{operation}: {answer.status_code} {answer.content[:200]!r}")
    assert not wrong, "\n".join(wrong)
    assert asked > 40


def test_t05_our_token_is_nothing_at_the_rivals_host(api: Any, owner: User, world: World, rival: Any) -> None:
    elsewhere = api(owner)
    elsewhere.defaults["HTTP_HOST"] = RIVAL_HOST
    for operation in operations("uzo.urls"):
        if not operation.rule.public:
            assert ask(elsewhere, operation, world).status_code == 401, operation


def test_t13_lists_and_searches_show_a_stranger_nothing(api: Any, world: World) -> None:
    sue = api(world.people["stranger"])
    lists = (
        "workspaces", "connectors", "workflows", "executions", "approvals", "job-runs", "schedules", "triggers",
        "hooks",
    )  # fmt: skip
    for path in lists:
        for query in ("", "?search=a", "?ordering=created_at"):
            answer = sue.get(f"/api/v1/{path}{query}")
            if answer.status_code == 200:
                assert (answer.json()["count"], answer.json()["results"]) == (0, []), (path, query)
            else:
                assert answer.json()["code"] == "unknown_filter", (path, query)
