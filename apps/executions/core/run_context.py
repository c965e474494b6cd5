"""What a node may use while it runs, in the engine's hands: rows, scalars, connectors, logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl
import pyarrow as pa

from apps.executions.core.arriving import ArrivalStopped, Arriving, Rows
from apps.executions.core.dataset import Dataset
from apps.executions.core.host import Host
from apps.executions.core.rows_so_far import RowsSoFar
from apps.executions.core.store import RunStore
from apps.executions.core.supervision import Desk
from apps.kernel.errors import NodeError
from apps.nodes.columns import DataType, Schema
from apps.workflows.core.plan import PlanNode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LowerValues:
    """`apps.nodes.types.LowerContext`: typed values by name, and their types where these are known."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    parameter_types: Mapping[str, DataType] = field(default_factory=dict)


class NodeRun:
    """`apps.nodes.types.RunContext` for one attempt of one node.

    It lives in the node's own thread; what only the host's thread may do goes over `desk`.
    """

    def __init__(
        self,
        *,
        node: PlanNode,
        values: LowerValues,
        attempt: int,
        parked_state: Mapping[str, Any] | None,
        inputs: Mapping[str, list[Dataset]],
        sample: int | None,
        prune: Callable[[], tuple[str, ...] | None],
        host: Host,
        store: RunStore,
        desk: Desk,
        so_far: RowsSoFar,
        condition: tuple[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.node_id = node.id
        self.parameters = values.parameters
        self.parameter_types = values.parameter_types
        self.attempt = attempt
        self.parked_state = parked_state
        self.sample = sample
        self._prune = prune
        self.condition = condition
        self.arrival: Arriving | None = None
        self.datasets: dict[str, Dataset] = {}
        self._node = node
        self._inputs = inputs
        self._host = host
        self._store = store
        self._desk = desk
        self._so_far = so_far
        self._opened: dict[str, Any] = {}

    @property
    def idempotency_key(self) -> str:
        revision = f":{self._node.revision}" if self._node.revision else ""
        return f"{self._host.execution_id}:{self.node_id}{revision}"

    @property
    def columns_needed(self) -> tuple[str, ...] | None:
        return self._prune()

    def schema(self, port: str) -> Schema | None:
        schema = self._node.schemas.get(port)
        return None if schema is None or schema.dynamic else schema

    def arriving(self, schema: Schema, rows: Rows, *, complete: bool) -> pl.LazyFrame:
        self.arrival = Arriving(schema, rows, complete=complete)
        return self.arrival.frame()

    def connector(self, connector_id: str) -> Any:
        if connector_id not in self._opened:
            self._opened[connector_id] = self._desk.ask(lambda: self._host.connector(connector_id))
        return self._opened[connector_id]

    def close(self) -> None:
        """Close the connectors that the node opened; called in the node's own thread."""
        while self._opened:
            _, connector = self._opened.popitem()
            close = getattr(connector, "close", None)
            if close is not None:
                close()

    def perform(self, action: Callable[[Any], T]) -> T:
        return self._desk.ask(lambda: self._host.perform(action))

    def log(self, level: str, message: str) -> None:
        self._desk.ask(lambda: self._host.log(self.node_id, level, message))

    def progress(self, *, rows_in: int | None = None, rows_out: int | None = None, part: float | None = None) -> None:
        self._desk.check()
        self._so_far.note(self.node_id, rows_in=rows_in, rows_out=rows_out, part=part)

    def check_cancelled(self) -> None:
        self._desk.check()
        if self.arrival is not None and self.arrival.stopping:
            raise ArrivalStopped

    def write_batches(self, port: str, schema: Schema, batches: Iterable[pa.RecordBatch]) -> int:
        return self._keep(port, self._store.write_batches(self._watched(batches), schema))

    def write_frame(self, port: str, frame: pl.LazyFrame) -> int:
        self._desk.check()
        return self._keep(port, self._store.write_frame(frame, self._node.schemas.get(port)))

    def forward(self, port: str, input_port: str = "input") -> int | None:
        datasets = self._inputs.get(input_port, [])
        if not datasets:
            # Whoever reads the port finds rows of no column, and none of them.
            self._keep(port, self._store.write_frame((self.schema(port) or Schema()).empty()))
            return None
        if len(datasets) > 1:
            raise NodeError(f"{len(datasets)} edges arrive at {input_port!r}; one can be handed on")
        return self._keep(port, datasets[0])

    def arrived(self, input_port: str = "input") -> Dataset | None:
        datasets = self._inputs.get(input_port, [])
        return datasets[0] if len(datasets) == 1 else None

    def take_over(self, port: str, dataset: Dataset) -> int:
        return self._keep(port, self._store.take_over(dataset))

    def _keep(self, port: str, dataset: Dataset) -> int:
        self.datasets[port] = dataset
        return dataset.rows

    def _watched(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            self._desk.check()
            yield batch
