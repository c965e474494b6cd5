"""From what Polars raised to the node's error.

For the engine. A fused plan is collected as one, and Polars says only what broke, not where. After a
failure, ask each transform of the stage in order, with the frames that it was lowered from:

    for node in stage:
        error = diagnose(node.type, node.config, inputs_of(node), context)
        if error is not None: break           # this node failed: `error.code`, `.message`, `.remedy`
    else:
        error = explain(raised, last.type, last.config, inputs_of(last), context)

`diagnose` computes the node's risky parts once more, leniently, and counts; it answers None where this
node is innocent. `explain` always answers: it diagnoses, and falls back on what the exception says.
Codes: `overflow`, `cast_failed`, `check_failed`, `explode_failed`, `too_large`, and `node_failed` for the rest.
Messages carry at most five values of the data, never more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from apps.kernel.errors import NodeError
from apps.nodes.config import NodeConfig
from apps.nodes.types import Frames, LazyNodeType, LowerContext
from apps.transforms.base import Transform
from apps.transforms.expressions.lower_polars import Lowering, Probe
from apps.transforms.nodes.checks import Check

SHOWN: Final = 5
_MARK: Final = re.compile(r"uzo:([a-z_]+)")
_WRAPPED: Final = re.compile(
    r"conversion from `i128`|conversion from `i8` to `u8` failed in column '[^']*' for .*\[-1", re.DOTALL
)
_REMEDIES: Final[Mapping[str, str]] = {
    "overflow": "Cast to float64 or a decimal before computing, or leave out the rows that are too great.",
    "cast_failed": "Correct these values, or set strict to false (TRY_CAST) to get null for them.",
    "check_failed": "Correct the data, or set onFail to quarantine or warn.",
    "explode_failed": "Explode one column after the other, or make the lists equally long.",
    "too_large": "Filter earlier, or join on keys that are unique on one side.",
}


@dataclass(frozen=True)
class _Parameters:
    parameters: Mapping[str, Any] = field(default_factory=dict)


def explain(
    error: Exception,
    node_type: LazyNodeType,
    config: NodeConfig,
    frames: Frames,
    context: LowerContext | None = None,
) -> NodeError:
    """The node's error for what collecting its frames raised."""
    if isinstance(error, NodeError) and not _MARK.search(error.message):
        return error
    found = diagnose(node_type, config, frames, context)
    return found if found is not None else _from_message(error)


def diagnose(
    node_type: LazyNodeType, config: NodeConfig, frames: Frames, context: LowerContext | None = None
) -> NodeError | None:
    """What is wrong with this node on these frames, with counts and first values; None if nothing is.

    Raises what Polars raises if the frames themselves cannot be collected: then an earlier node failed.
    """
    context = context or _Parameters()
    if isinstance(node_type, Check):
        return _broken_rules(node_type, config, frames, context)
    if not isinstance(node_type, Transform):
        return _by_running(node_type, config, frames, context)
    try:
        probes: list[Probe] = []
        step = node_type.resolved(config, frames, context)
        node_type.lower_polars(step, frames, Lowering(context.parameters, probes=probes))
    except NodeError as error:
        return error
    for port_frames in frames.values():
        if probes and len(port_frames) == 1:
            found = _first_failure(probes, port_frames[0])
            if found is not None:
                return found
    return _by_running(node_type, config, frames, context)


def _first_failure(probes: Iterable[Probe], frame: pl.LazyFrame) -> NodeError | None:
    probes = list(probes)
    counted = frame.select(
        [each.failing.sum().cast(pl.Int64).alias(f"count_{place}") for place, each in enumerate(probes)]
    ).collect(engine="streaming")
    for place, probe in enumerate(probes):
        count = counted[f"count_{place}"].item()
        if not count:
            continue
        shown = frame.filter(probe.failing).select(probe.value.alias("value")).head(SHOWN).collect()
        return _error(probe.code, _told(probe, count, shown["value"].to_list()))
    return None


def _told(probe: Probe, count: int, values: list[Any]) -> str:
    written = ", ".join(_shown(value) for value in values)
    more = ", …" if count > len(values) else ""
    what = "value does" if count == 1 else "values do"
    if probe.code == "overflow":
        what = "result is" if count == 1 else "results are"
        return f"{count} {what} beyond {probe.node.type}: {written}{more}"
    return f"{count} {what} not fit {probe.node.type}: {written}{more}"


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _broken_rules(check: Check, config: NodeConfig, frames: Frames, context: LowerContext) -> NodeError | None:
    try:
        step = check.resolved(config, frames, context)
    except NodeError as error:
        return error
    if step.on_fail != "fail":
        return None
    counted = check.failures(config, frames, context).collect(engine="streaming")
    broken = [(name, counted[name].item()) for name, _, is_error in step.rules if is_error and counted[name].item()]
    if not broken:
        return None
    told = ", ".join(f"{name} ({count} {'row' if count == 1 else 'rows'})" for name, count in broken[:20])
    return _error("check_failed", f"rows break {len(broken)} of the rules: {told}")


def _by_running(node_type: LazyNodeType, config: NodeConfig, frames: Frames, context: LowerContext) -> NodeError | None:
    """Collect the node alone, without keeping rows, and read what comes of it."""
    try:
        for frame in node_type.lower(config, frames, context).values():
            for _ in frame.collect_batches(maintain_order=False):
                pass  # computed to the end, batch by batch, and thrown away
    except NodeError as error:
        return error if not _MARK.search(error.message) else _from_message(error)
    except pl.exceptions.PolarsError as error:
        return _from_message(error)
    return None


def _from_message(error: Exception) -> NodeError:
    text = str(error)
    if (mark := _MARK.search(text)) is not None:
        return _error(mark.group(1), "A result is beyond what its type holds" if mark.group(1) == "overflow" else "")
    if _WRAPPED.search(text) or "overflow" in text.lower():
        return _error("overflow", "A result is beyond what its type holds")
    if "conversion from" in text:
        return _error("cast_failed", text.splitlines()[0][:500])
    if "matching element counts" in text:
        return _error("explode_failed", "The lists of one row are not equally long")
    return NodeError(f"The node failed: {text.splitlines()[0][:500] if text else type(error).__name__}")


def _error(code: str, message: str) -> NodeError:
    return NodeError(message or code.replace("_", " "), code=code, remedy=_REMEDIES.get(code, ""))
