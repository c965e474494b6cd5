/** Two runs side by side: the same nodes, how long each took and what came out. */

import type { ExecutionState, NodeState } from "./execution";

export interface ComparedNode {
  id: string;
  first: NodeState | null;
  second: NodeState | null;
  /** Second over first; null where either is unknown or the first is nothing. */
  durationRatio: number | null;
  /** Second minus first; null where either is unknown. */
  rowsDifference: number | null;
}

export interface Comparison {
  nodes: ComparedNode[];
  /** The longest of all nodes in both runs, which bars are drawn against. */
  longest: number;
  sameWorkflow: boolean;
  firstMs: number | null;
  secondMs: number | null;
}

export function ratio(first: number | null, second: number | null): number | null {
  return first === null || second === null || first === 0 ? null : second / first;
}

function difference(first: number | null, second: number | null): number | null {
  return first === null || second === null ? null : second - first;
}

function tookOf(run: ExecutionState): number | null {
  if (run.started_at === null || run.finished_at === null) return null;
  return Date.parse(run.finished_at) - Date.parse(run.started_at);
}

/** Nodes of the first run in its order, then those that only the second has. */
export function compare(first: ExecutionState, second: ExecutionState): Comparison {
  const others = new Map(second.nodes.map((node) => [node.node_id, node]));
  const known = new Set(first.nodes.map((node) => node.node_id));
  const pairs: [NodeState | null, NodeState | null][] = [
    ...first.nodes.map((node): [NodeState, NodeState | null] => [node, others.get(node.node_id) ?? null]),
    ...second.nodes.filter((node) => !known.has(node.node_id)).map((node): [null, NodeState] => [null, node]),
  ];
  const durations = pairs.flatMap((pair) => pair.map((node) => node?.duration_ms ?? 0));
  return {
    nodes: pairs.map(([one, other]) => ({
      id: (one ?? other)?.node_id ?? "",
      first: one,
      second: other,
      durationRatio: ratio(one?.duration_ms ?? null, other?.duration_ms ?? null),
      rowsDifference: difference(one?.rows_out ?? null, other?.rows_out ?? null),
    })),
    longest: Math.max(1, ...durations),
    sameWorkflow: first.workflow_id === second.workflow_id,
    firstMs: tookOf(first),
    secondMs: tookOf(second),
  };
}

/** `1.4 ×`, or null where the change is too small to speak of (less than a tenth). */
export function changeOf(value: number | null): string | null {
  if (value === null || Math.abs(value - 1) < 0.1) return null;
  return value >= 10 ? `${Math.round(value)} ×` : `${value.toFixed(value < 0.1 ? 2 : 1)} ×`;
}
