"""A diagram comes back as it was saved, whatever a canvas puts into it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

text = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(text, values, max_size=5)
nodes = st.builds(
    lambda more, node_id, data: {**more, "id": node_id, "data": data},
    objects, st.text(st.characters(codec="ascii", categories=("Ll",)), min_size=1, max_size=5), objects,
)  # fmt: skip
diagrams = st.builds(lambda more, drawn: {**more, "nodes": drawn, "edges": []}, objects, st.lists(nodes, max_size=4))
once = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once
@given(drawn=diagrams)
def test_every_diagram_comes_back_equal_with_its_keys_in_order(
    api: Any, owner: Any, place: Any, drawn: dict[str, Any]
) -> None:
    olive = api(owner)
    made = olive.post(f"/api/v1/jobs/{place.job.pk}/workflows", {"name": "Any", "workflow_diagram": drawn})
    assert made.status_code == 201, made.content
    read = json.loads(olive.get(f"/api/v1/workflows/{made.json()['id']}").content)
    assert json.dumps(read["workflow_diagram"]) == json.dumps(drawn)
    assert json.dumps(made.json()["workflow_diagram"]) == json.dumps(drawn)


def test_bulk_writes_keep_the_order_too(owner: Any, place: Any) -> None:
    from apps.workflows.models import Workflow, WorkflowVersion

    workflow = Workflow.objects.create(job=place.job, name="Bulk")
    drawn = {"zulu": 1, "alpha": {"y": 1, "x": 2}}
    made = WorkflowVersion.objects.bulk_create(
        [WorkflowVersion(workflow=workflow, number=1, diagram=drawn, parameters={"b": 1, "a": 2})]
    )
    made[0].refresh_from_db()
    assert json.dumps(made[0].diagram) == json.dumps(drawn)
    turned = {"alpha": 1, "zulu": 2}
    made[0].diagram = turned
    WorkflowVersion.objects.bulk_update(made, ["diagram"])
    made[0].refresh_from_db()
    assert json.dumps(made[0].diagram) == json.dumps(turned)
