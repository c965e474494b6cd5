"""The index of outputs that previews made, by what they come from: what is there is not made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.executions.core.addresses import Origin, origins
from apps.executions.core.dataset import Dataset
from apps.executions.core.preview import planned
from apps.executions.core.store import is_shared
from apps.executions.models import SourceSample, StoredOutput
from apps.executions.store import whole_store
from apps.kernel import clock
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.plan import Plan, Port

_USED = timedelta(hours=12)
"""Half the time that outputs are kept: what is found does not go away before it is used."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a preview has still to run, what it is given in place of the rest, and where that comes from."""

    plan: Plan
    given: Mapping[Port, Dataset]
    roots: Mapping[Port, Origin]


def shortened(
    analysis: Analysis, plan: Plan, given: Mapping[Port, Dataset], *, node_id: str, workflow_id: UUID, sample: int
) -> Course:
    """The plan without the nodes above `node_id` whose rows are there from an earlier preview."""
    roots = _roots(given, workflow_id, sample)
    known = origins(plan, roots, analysis.parameters.values)
    wanted = {port: origin for port, origin in known.items() if port[0] != node_id and port not in given}
    found = _found({origin.address for origin in wanted.values()})
    more = {port: found[origin.address] for port, origin in wanted.items() if origin.address in found}
    if not more:
        return Course(plan, given, roots)
    shorter, used = planned(analysis, node_id, {**given, **more})
    if not _are_there(used, more):
        return Course(plan, given, roots)
    return Course(shorter, used, {port: known[port] for port in used})


def keep(
    plan: Plan, datasets: Mapping[Port, Dataset], roots: Mapping[Port, Origin], parameters: Mapping[str, Any]
) -> None:
    """Index the outputs that a preview made. Call it in the transaction that ends the preview."""
    now = clock.now()
    rows = {}
    for port, origin in origins(plan, roots, parameters).items():
        dataset = datasets.get(port)
        if dataset is not None and port not in roots and is_shared(dataset.path):
            rows[origin.address] = StoredOutput(
                address=origin.address, dataset=dataset.as_json(), name=dataset.path, at=now
            )
    StoredOutput.objects.bulk_create(
        [rows[address] for address in sorted(rows)],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["dataset", "name", "at"],
    )


def _roots(given: Mapping[Port, Dataset], workflow_id: UUID, sample: int) -> dict[Port, Origin]:
    samples = SourceSample.objects.filter(workflow_id=workflow_id, node_id__in={node_id for node_id, _ in given})
    read_at = {(each.node_id, each.port): each.at for each in samples}
    return {
        port: Origin.of_content(dataset, sampled=port in read_at and dataset.rows >= sample, read_at=read_at.get(port))
        for port, dataset in given.items()
    }


def _found(addresses: set[str]) -> dict[str, Dataset]:
    rows = StoredOutput.objects.filter(address__in=addresses, at__gt=clock.now() - _USED) if addresses else ()
    return {row.address: Dataset.from_json(row.dataset) for row in rows}


def _are_there(used: Mapping[Port, Dataset], more: Mapping[Port, Dataset]) -> bool:
    store = whole_store()
    return all(store.has(dataset) for port, dataset in used.items() if port in more)
