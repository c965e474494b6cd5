"""What lies in a demo tenant: connectors, files, a workspace down to the sample workflow, and grants.

Everything is looked up by name first: a second start finds what the first one made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uzo.local.demo import flights, sample
from uzo.local.demo.client import Client
from uzo.local.demo.databases import Access
from uzo.local.demo.people import Person

SOURCE, WAREHOUSE, FILES = "Flights database", "Warehouse", "Uploaded files"
WORKSPACE, FOLDER, JOB = "New York flights", "Punctuality", "Monthly report"
LEVELS: Mapping[str, tuple[str, ...]] = {
    "owner": (),  # has everything
    "editor": ("write", "execute"),
    "runner": ("execute",),
    "viewer": ("read",),
}


@dataclass(frozen=True, slots=True)
class Content:
    """Ids of what was made."""

    source_connector: str
    workflow: str


def found(client: Client, known: Content, *, source: Access) -> bool:
    """Whether the content of an earlier start is still there and fits."""
    workflow = client.find(f"workflows/{known.workflow}")
    connector = client.find(f"connectors/{known.source_connector}")
    if workflow is None or connector is None or connector["config"].get("port") != source.port:
        return False
    used = {node["data"].get("connectorId") for node in workflow["workflow_diagram"]["nodes"]} - {None}
    connectors = [client.find(f"connectors/{each}") for each in used]
    return all(each is not None and _has_files(client, each) for each in connectors)


def _has_files(client: Client, connector: Mapping[str, Any]) -> bool:
    """Whether a connector has the demo's files, if it is the one for them: an earlier UZO came with fewer."""
    if connector["connector_type"] != "files":
        return True
    return all(client.find(f"connectors/{connector['id']}/files/{name}") is not None for name in flights.FILES)


def build(
    client: Client, *, source: Access, target: Access, files: Mapping[str, bytes], people: Sequence[Person]
) -> Content:
    """Make a tenant's content as its owner, and grant the others what their roles say."""
    source_id = _connector(client, SOURCE, "postgresql", source.config(), "Every flight from New York City in 2013")
    target_id = _connector(client, WAREHOUSE, "postgresql", target.config(), "Where results go")
    files_id = _connector(client, FILES, "files", {}, "CSV, Parquet and Excel files of this tenant")
    client.post(f"connectors/{source_id}/schema", {}, status=200)
    _upload(client, files_id, files)
    workspace = _named(client, "workspaces", WORKSPACE, {"description": "Public data of 2013, ready to be asked"})
    folder = _named(client, f"workspaces/{workspace}/folders", FOLDER, {})
    job = _named(client, f"folders/{folder}/jobs", JOB, {})
    workflow = _workflow(client, job, sample.diagram(source=source_id, files=files_id, target=target_id))
    objects = [("workspace", workspace), *(("connector", each) for each in (source_id, target_id, files_id))]
    _grant(client, objects, people)
    return Content(source_id, workflow)


def _find(client: Client, path: str, name: str) -> dict[str, Any] | None:
    return next((each for each in client.all(path, search=name) if each["name"] == name), None)


def _named(client: Client, path: str, name: str, more: Mapping[str, Any]) -> str:
    found = _find(client, path, name) or client.post(path, {"name": name, **more})
    return str(found["id"])


def _connector(client: Client, name: str, connector_type: str, config: Mapping[str, Any], description: str) -> str:
    found = _find(client, "connectors", name)
    if found is None:
        body = {"name": name, "description": description, "connector_type": connector_type, "config": config}
        found = client.post("connectors", body)
    elif any(found["config"].get(key) != value for key, value in config.items() if key != "password"):
        client.patch(f"connectors/{found['id']}", {"config": config})  # the embedded server has moved
    return str(found["id"])


def _upload(client: Client, connector_id: str, files: Mapping[str, bytes]) -> None:
    path = f"connectors/{connector_id}/files"
    there = {each["name"]: each["sha256"] for each in client.all(path)}
    for name, content in files.items():
        if there.get(name) != hashlib.sha256(content).hexdigest():
            client.upload(path, name, content)


def _workflow(client: Client, job: str, diagram: dict[str, Any]) -> str:
    """The sample; people may have changed it since, so an existing one is left as it is."""
    path = f"jobs/{job}/workflows"
    return _named(client, path, sample.NAME, {"description": sample.DESCRIPTION, "workflow_diagram": diagram})


def _grant(client: Client, objects: Sequence[tuple[str, str]], people: Sequence[Person]) -> None:
    ids = {user["email"]: user["id"] for user in client.all("users")}
    for person in people:
        for object_type, object_id in objects:
            about = {"object_type": object_type, "object_id": object_id, "user_id": ids[person.email]}
            for level in LEVELS[person.role]:
                if not client.get("permissions/check", **about, permission=level)["allowed"]:
                    client.post("permissions", {**about, "permission": level})
