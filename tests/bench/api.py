"""The API's answers: in a tenant with a hundred thousand workflows, and about a large diagram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bench.drawings import long_chain
from tests.bench.filling import fill
from tests.bench.harness import Measurement, figure, percentile, seconds
from tests.bench.stack import Bench
from tests.e2e.client import Uzo

ROUNDS = 40


def requests(user: Uzo, jobs: list[str], workspace: str, workflow: str) -> dict[str, Callable[[], object]]:
    """What pages and scripts ask for most."""
    large = f"jobs/{jobs[0]}/workflows"
    return {
        "me": lambda: user.get("auth/me"),
        "workspaces": lambda: user.get("workspaces"),
        "folders": lambda: user.get(f"workspaces/{workspace}/folders"),
        "job": lambda: user.get(f"jobs/{jobs[7]}"),
        "workflow": lambda: user.get(f"workflows/{workflow}"),
        "list": lambda: user.get(large, page_size=50),
        "far page": lambda: user.get(large, page_size=50, page=700, ordering="-updated_at"),
        "search": lambda: user.get(large, search="Workflow 4242"),
        "small list": lambda: user.get(f"jobs/{jobs[9]}/workflows", page_size=50, ordering="-created_at"),
        "rename": lambda: user.http.patch(
            f"workflows/{workflow}", json={"description": "Looked at"}
        ).raise_for_status(),
    }


@figure("api_p95_ms", unit="ms", goal=50, better="lower")
def api(bench: Bench) -> Measurement:
    """p95 over a mix of reads and a small write, by the owner and by an editor whose rights are filtered."""
    jobs = fill(bench)
    login = next(each for each in bench.demo["logins"] if each["role"] == "editor")
    editor = Uzo(bench.demo["url"], login["email"], login["password"])
    workspace = bench.owner.get("workspaces", search="New York flights")["results"][0]["id"]
    workflow = bench.owner.get(f"jobs/{jobs[9]}/workflows", page_size=1)["results"][0]["id"]
    mix = {
        (who, name): request
        for who, user in (("owner", bench.owner), ("editor", editor))
        for name, request in requests(user, jobs, workspace, workflow).items()
    }
    times: dict[tuple[str, str], list[float]] = {key: [] for key in mix}
    for request in mix.values():
        request()
    for _ in range(ROUNDS):
        for key, request in mix.items():
            times[key].append(1000 * seconds(request))
    every = [each for values in times.values() for each in values]
    slowest = max(times, key=lambda key: percentile(times[key], 0.95))
    note = (
        f"p50 {percentile(every, 0.5):.0f} ms, {len(every)} requests; slowest: {' '.join(slowest)} "
        f"p95 {percentile(times[slowest], 0.95):.0f} ms"
    )
    return Measurement(percentile(every, 0.95), note=note)


@figure("validate_200_p95_ms", unit="ms", goal=100, better="lower")
def validate(bench: Bench) -> Measurement:
    """p95 of `validate` and of `GET workflows/{id}/schema`, over HTTP, for a diagram of 200 nodes."""
    drawn = long_chain(bench.demo["demo_connector_id"], nodes=200)
    saved = bench.workflow("Two hundred", drawn)
    asked: dict[str, Callable[[], Any]] = {
        "validate": lambda: bench.owner.post("workflows/validate", {"workflow_diagram": drawn}, expect=200),
        "schema": lambda: bench.owner.get(f"workflows/{saved}/schema"),
    }
    known = asked["validate"]()
    assert known["problems"] == [], known["problems"][:3]
    assert len(asked["schema"]()["nodes"]) == 200
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, request in asked.items():
            times[name].append(1000 * seconds(request))
    note = ", ".join(
        f"{name} p50 {percentile(each, 0.5):.0f} p95 {percentile(each, 0.95):.0f} ms" for name, each in times.items()
    )
    return Measurement(max(percentile(each, 0.95) for each in times.values()), note=note)
