/** An execution as it is known now: the resource, then every event of its channel laid over it. */

export type ExecutionStatus = "queued" | "running" | "paused" | "success" | "failed" | "cancelled";
export type NodeStatus = "pending" | "running" | "success" | "failed" | "skipped" | "cancelled";

export interface Failure {
  code: string;
  message: string;
  remedy?: string | null | undefined;
}

export interface NodeState {
  node_id: string;
  status: NodeStatus;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  rows_in: number | null;
  rows_out: number | null;
  pushed_down?: boolean | undefined;
  bytes: number | null;
  attempt: number;
  error: Failure | null;
  /** Of a loop: how many iterations there are, are over, have failed. */
  iterations?: IterationCounts | undefined;
  /** How much of its work is done while it runs, from 0 to 1, where anybody can tell. */
  part?: number | undefined;
}

export interface IterationCounts {
  total: number;
  finished: number;
  failed: number;
}

/** What was forecast of the whole run when it began; `error` by how much of the real time it was wrong. */
export interface Forecast {
  expected_ms: number;
  low_ms: number;
  high_ms: number;
  error: number | null;
}

export interface ExecutionState {
  id: string;
  workflow_id: string;
  version_id?: string | undefined;
  kind: "run" | "preview";
  status: ExecutionStatus;
  waiting_for: string | null;
  /** When it goes on by itself, where it waits for that. */
  wake_at?: string | null | undefined;
  trigger?: string | undefined;
  retry_of?: string | null | undefined;
  parameters?: Record<string, unknown> | undefined;
  created_at?: string | undefined;
  cancel_requested_at?: string | null | undefined;
  pause_requested_at?: string | null | undefined;
  progress: number;
  started_at: string | null;
  finished_at: string | null;
  error: Failure | null;
  warnings: number;
  nodes: NodeState[];
  estimated_completion?: string | null | undefined;
  estimated_completion_interval?: readonly [string, string] | null | undefined;
  forecast?: Forecast | null | undefined;
}

export interface LogLine {
  node_id: string | null;
  level: string;
  message: string;
  at: string;
}

const OVER: ReadonlySet<string> = new Set(["success", "failed", "cancelled"]);
const RANK: Record<NodeStatus, number> = {
  pending: 0,
  running: 1,
  success: 2,
  failed: 2,
  skipped: 2,
  cancelled: 2,
};

/** True once nothing more will happen. */
export function isOver(status: ExecutionStatus): boolean {
  return OVER.has(status);
}

/** The newer of two states of one node: a later attempt wins, then the state further on. */
export function newerNode(known: NodeState | undefined, told: NodeState): NodeState {
  if (known === undefined) return told;
  if (told.attempt !== known.attempt) return told.attempt > known.attempt ? told : known;
  return RANK[told.status] >= RANK[known.status] ? told : known;
}

export function mergeNodes(known: readonly NodeState[], told: readonly NodeState[]): NodeState[] {
  const merged = new Map(known.map((node) => [node.node_id, node]));
  for (const node of told) merged.set(node.node_id, newerNode(merged.get(node.node_id), node));
  return [...merged.values()];
}

/** The newer of two readings of one execution; one that is over never comes back to life. */
export function mergeExecution(known: ExecutionState | undefined, told: ExecutionState): ExecutionState {
  if (known === undefined || known.id !== told.id) return told;
  const nodes = mergeNodes(known.nodes, told.nodes);
  if (isOver(known.status) && !isOver(told.status)) return { ...known, nodes };
  return {
    ...told,
    progress: isOver(told.status) ? told.progress : Math.max(known.progress, told.progress),
    estimated_completion: told.estimated_completion ?? known.estimated_completion,
    estimated_completion_interval: told.estimated_completion_interval ?? known.estimated_completion_interval,
    nodes,
  };
}

interface ProgressNode {
  status?: NodeStatus;
  duration_ms?: number | null;
  rows_processed?: number | null;
  part?: number;
}

/** What `workflow_execution_progress` carries; above 200 nodes the lists are counts. */
export interface ProgressMessage {
  status: ExecutionStatus;
  progress: number;
  elapsed_time_ms?: number;
  estimated_completion?: string | null;
  estimated_completion_interval?: readonly [string, string] | null;
  nodes?: Record<string, ProgressNode> | number;
}

function nodeFromProgress(id: string, told: ProgressNode, known: NodeState | undefined): NodeState {
  const blank: NodeState = {
    node_id: id,
    status: "pending",
    started_at: null,
    finished_at: null,
    duration_ms: null,
    rows_in: null,
    rows_out: null,
    bytes: null,
    attempt: 1,
    error: null,
  };
  const base = known ?? blank;
  return {
    ...base,
    status: told.status ?? base.status,
    duration_ms: told.duration_ms ?? base.duration_ms,
    rows_out: rowsTold(told, base),
    part: told.part ?? base.part,
  };
}

/** While a node runs its rows grow; once it is over its own event has said how many there were. */
function rowsTold({ rows_processed = null }: ProgressNode, base: NodeState): number | null {
  if (base.pushed_down) return base.rows_out;
  return base.status === "running" ? (rows_processed ?? base.rows_out) : (base.rows_out ?? rows_processed);
}

/** How much of a running node's work is done, from 0 to 1; null where nobody can tell. */
export function doneOf({ status, part, iterations }: NodeState): number | null {
  if (status !== "running") return null;
  if (iterations !== undefined) return iterations.finished / Math.max(iterations.total, 1);
  return part ?? null;
}

const NEARLY = 0.95;

/**
 * How far a run is, from 0 to 1: what is done of it, or how much of the time has passed that runs like it took, if that
 * is more. Null while nobody can tell.
 */
export function partOf(run: ExecutionState, now: number): number | null {
  const { progress, started_at, estimated_completion } = run;
  if (started_at === null || !estimated_completion) return progress > 0 ? progress : null;
  const began = Date.parse(started_at);
  const passed = (now - began) / Math.max(1, Date.parse(estimated_completion) - began);
  return Math.max(progress, Math.min(NEARLY, passed));
}

const SHORTEST_MS = 50;

/** Rows that a node gives in a second, so far or on the whole; null where nobody counts, or it took no time to speak of. */
export function rowsPerSecond(node: NodeState, now: number): number | null {
  const rows = node.rows_out ?? node.rows_in;
  const ms = node.duration_ms ?? (node.started_at === null ? 0 : now - Date.parse(node.started_at));
  return rows === null || ms < SHORTEST_MS ? null : (1000 * rows) / ms;
}

function applyProgress(execution: ExecutionState, told: ProgressMessage): ExecutionState {
  const known = new Map(execution.nodes.map((node) => [node.node_id, node]));
  const nodes =
    typeof told.nodes === "object" && told.nodes !== null
      ? Object.entries(told.nodes).map(([id, node]) => nodeFromProgress(id, node, known.get(id)))
      : [];
  if (isOver(execution.status)) return { ...execution, nodes: mergeNodes(execution.nodes, nodes) };
  return {
    ...execution,
    // Only `execution_finished` ends an execution: it brings when and why.
    status: isOver(told.status) ? execution.status : told.status,
    progress: Math.max(execution.progress, told.progress),
    estimated_completion: told.estimated_completion ?? null,
    estimated_completion_interval: told.estimated_completion_interval ?? null,
    nodes: mergeNodes(execution.nodes, nodes),
  };
}

/** Lay one event of `execution:<id>` over what is known; events it does not know change nothing. */
export function applyEvent(execution: ExecutionState, event: string, data: unknown): ExecutionState {
  switch (event) {
    case "node_status": {
      const nodes = mergeNodes(execution.nodes, [data as NodeState]);
      const began = execution.status === "queued" && nodes.some((node) => node.status === "running");
      return { ...execution, nodes, status: began ? "running" : execution.status };
    }
    case "workflow_execution_progress":
      return applyProgress(execution, data as ProgressMessage);
    case "execution_finished":
      return mergeExecution(execution, { ...(data as ExecutionState), nodes: execution.nodes });
    default:
      return execution;
  }
}

/** Nodes that are over, and all. */
export function counts(execution: ExecutionState): { done: number; failed: number; all: number } {
  let done = 0;
  let failed = 0;
  for (const node of execution.nodes) {
    if (RANK[node.status] === 2) done += 1;
    if (node.status === "failed") failed += 1;
  }
  return { done, failed, all: execution.nodes.length };
}
