"""Fills the demo's tenants, runs the sample, and says how to get in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from uzo.local.demo import content, flights, people, provisioning, report
from uzo.local.demo import databases as demo_databases
from uzo.local.demo.client import Client, SignInRefused
from uzo.local.demo.people import Cast
from uzo.local.progress import say, step
from uzo.local.stack import Stack


def demo(stack: Stack, cast: Cast, url: str) -> None:
    """Fill both tenants, run the sample in the first, write the demo's file, print the run and the logins."""
    with ExitStack() as opened:
        clients = {tenant.key: opened.enter_context(_sign_in(stack, cast, tenant)) for tenant in cast.tenants}
        made = _contents(stack, cast, clients)
        first = cast.tenants[0]
        client, workflow_id = clients[first.key], made[first.key].workflow
        with step("Running the sample workflow"):
            execution = report.run(client, workflow_id)
        key = api_key(client, stack.data_dir)
        workflow = client.get(f"workflows/{workflow_id}")
    path = people.remember(stack.data_dir, document(stack, cast, made, url, key))
    labels = {node["id"]: node["data"]["label"] for node in workflow["workflow_diagram"]["nodes"]}
    say(f"\n  {workflow['name']}\n")
    say(report.node_table(execution["nodes"], labels))
    say(welcome(cast, url, stack.web_port, path))


def _sign_in(stack: Stack, cast: Cast, tenant: people.Tenant) -> Client:
    owner = tenant.owner
    who: dict[str, Any] = {"host": tenant.host, "email": owner.email, "password": owner.password}
    try:
        return Client(port=stack.web_port, **who)
    except SignInRefused:  # somebody changed it, and the demo's file must tell the truth
        provisioning.run(stack, cast, migrate=False)
        return Client(port=stack.web_port, **who)


def _contents(stack: Stack, cast: Cast, clients: Mapping[str, Client]) -> dict[str, content.Content]:
    """The content of an earlier start where it is still there, else a new one."""
    source = demo_databases.source(stack.databases, stack.data_dir)
    there = _known(stack, cast, clients, source)
    if len(there) == len(cast.tenants):
        return there
    with step("Filling the demo: connectors, files, workspaces, permissions"):
        files = flights.files()
        return {
            tenant.key: content.build(
                clients[tenant.key],
                source=source,
                target=demo_databases.target(stack.databases, stack.data_dir, tenant.key),
                files=files,
                people=tenant.people,
            )
            for tenant in cast.tenants
        }


def _known(
    stack: Stack, cast: Cast, clients: Mapping[str, Client], source: demo_databases.Access
) -> dict[str, content.Content]:
    before = people.known(stack.data_dir).get("tenants", [])
    contents = {
        tenant.key: content.Content(entry["connector_id"], entry["workflow_id"])
        for tenant, entry in zip(cast.tenants, before, strict=False)
    }
    return {key: each for key, each in contents.items() if content.found(clients[key], each, source=source)}


def api_key(client: Client, data_dir: Path) -> str:
    """The owner's API key: the one the demo's file knows if it still works, else a new one."""
    before = people.known(data_dir).get("api_key")
    if before and client.accepts_key(before):
        return str(before)
    return str(client.post("auth/api-keys", {"name": "demo"})["key"])


def document(stack: Stack, cast: Cast, made: Mapping[str, content.Content], url: str, key: str) -> Mapping[str, Any]:
    """The demo's file as CONTRACT says it."""

    def logins(tenant: people.Tenant) -> list[dict[str, str]]:
        return [{"role": each.role, "email": each.email, "password": each.password} for each in tenant.people]

    first = cast.tenants[0]
    return {
        "url": url,
        "logins": logins(first),
        "api_key": key,
        "workflow_id": made[first.key].workflow,
        "demo_connector_id": made[first.key].source_connector,
        "sink_dsn": demo_databases.target(stack.databases, stack.data_dir, first.key).url,
        "operator": {
            "host": f"{cast.operator_host}:{stack.web_port}",
            "email": cast.operator.email,
            "password": cast.operator.password,
        },
        "tenants": [
            {
                "name": tenant.name,
                "host": f"{tenant.host}:{stack.web_port}",
                "logins": logins(tenant),
                "workflow_id": made[tenant.key].workflow,
                "connector_id": made[tenant.key].source_connector,
            }
            for tenant in cast.tenants
        ],
    }


def welcome(cast: Cast, url: str, port: int, path: Path) -> str:
    """The address and the logins."""
    first = cast.tenants[0]
    lines = [f"\n  Open {url} and sign in as", ""]
    lines += [f"    {person.role:<9} {person.email:<24} {person.password}" for person in first.people]
    lines += [
        "",
        f"  Operator: http://{cast.operator_host}:{port}/admin/  {cast.operator.email}  {cast.operator.password}",
        f"  All of it, and the second tenant, is in {path}",
    ]
    return "\n".join(lines)
