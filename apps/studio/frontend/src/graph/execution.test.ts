import { describe, expect, it } from "vitest";
import {
  applyEvent,
  counts,
  doneOf,
  type ExecutionState,
  mergeExecution,
  type NodeState,
  partOf,
  rowsPerSecond,
} from "./execution";
import { tickStep, timelineOf } from "./timeline";

const node = (node_id: string, extra: Partial<NodeState> = {}): NodeState => ({
  node_id,
  status: "pending",
  started_at: null,
  finished_at: null,
  duration_ms: null,
  rows_in: null,
  rows_out: null,
  bytes: null,
  attempt: 1,
  error: null,
  ...extra,
});
const execution = (extra: Partial<ExecutionState> = {}): ExecutionState => ({
  id: "e1",
  workflow_id: "w1",
  kind: "run",
  status: "queued",
  waiting_for: null,
  progress: 0,
  started_at: null,
  finished_at: null,
  error: null,
  warnings: 0,
  nodes: [node("flights"), node("late")],
  ...extra,
});

describe("rows per second", () => {
  const began = "2026-01-05T08:00:00Z";
  const now = Date.parse(began) + 2000;

  it("are told so far while a node runs, and on the whole once it is over", () => {
    expect(rowsPerSecond(node("a", { status: "running", started_at: began, rows_in: 500 }), now)).toBe(250);
    expect(rowsPerSecond(node("a", { started_at: began, duration_ms: 500, rows_out: 100 }), now)).toBe(200);
  });

  it("are not told where nobody counted, or before there is anything to tell", () => {
    expect(rowsPerSecond(node("a", { started_at: began }), now)).toBeNull();
    expect(rowsPerSecond(node("a", { started_at: began, duration_ms: 3, rows_out: 100 }), now)).toBeNull();
    expect(rowsPerSecond(node("a", { rows_out: 100 }), now)).toBeNull();
  });
});

describe("how much of a node is done", () => {
  it("is told while it runs, of a loop by its iterations", () => {
    expect(doneOf(node("a", { status: "running", part: 0.4 }))).toBe(0.4);
    const iterations = { total: 8, finished: 2, failed: 0 };
    expect(doneOf(node("a", { status: "running", iterations }))).toBe(0.25);
  });

  it("is not told of a node that is over, or where nobody can tell", () => {
    expect(doneOf(node("a", { status: "failed", part: 0.4 }))).toBeNull();
    expect(doneOf(node("a", { status: "running" }))).toBeNull();
  });

  it("comes with the progress as well", () => {
    const nodes = { late: { status: "running", part: 0.3 } };
    const next = applyEvent(execution(), "workflow_execution_progress", {
      status: "running",
      progress: 0.15,
      nodes,
    });
    expect(next.nodes[1]?.part).toBe(0.3);
  });
});

describe("how far a run is", () => {
  const began = "2026-01-05T08:00:00Z";
  const at = (seconds: number) => Date.parse(began) + 1000 * seconds;
  const run = (extra: Partial<ExecutionState>) =>
    execution({ status: "running", started_at: began, ...extra });

  it("is what is done of it where no run like it was before", () => {
    expect(partOf(run({ progress: 0.4 }), at(5))).toBe(0.4);
    expect(partOf(run({}), at(5))).toBeNull();
  });

  it("is the time that has passed of what it took before, but never all of it", () => {
    const told = { estimated_completion: "2026-01-05T08:00:20Z" };
    expect(partOf(run(told), at(5))).toBe(0.25);
    expect(partOf(run({ ...told, progress: 0.5 }), at(5))).toBe(0.5);
    expect(partOf(run(told), at(60))).toBe(0.95);
  });
});

describe("events of an execution", () => {
  it("move a node on, and the execution with its first one", () => {
    const next = applyEvent(execution(), "node_status", node("flights", { status: "running" }));
    expect(next.status).toBe("running");
    expect(next.nodes.map((each) => each.status)).toEqual(["running", "pending"]);
  });

  it("count the rows of a node up while it runs, and leave its last word", () => {
    const told = (rows_processed: number) => ({
      status: "running" as const,
      progress: 0.1,
      nodes: { flights: { rows_processed } },
    });
    let known = applyEvent(execution(), "node_status", node("flights", { status: "running" }));
    for (const rows of [1000, 5000]) {
      known = applyEvent(known, "workflow_execution_progress", told(rows));
      expect(known.nodes[0]?.rows_out).toBe(rows);
    }
    known = applyEvent(known, "node_status", node("flights", { status: "success", rows_out: 6000 }));
    known = applyEvent(known, "workflow_execution_progress", told(5500));
    expect(known.nodes[0]?.rows_out).toBe(6000);
  });

  it("that arrive late do not set a node back", () => {
    const done = execution({ nodes: [node("flights", { status: "success", rows_out: 7 })] });
    const next = applyEvent(done, "node_status", node("flights", { status: "running" }));
    expect(next.nodes[0]).toMatchObject({ status: "success", rows_out: 7 });
  });

  it("of a new attempt put a failed node to work again", () => {
    const failed = execution({ nodes: [node("flights", { status: "failed" })] });
    const next = applyEvent(failed, "node_status", node("flights", { status: "running", attempt: 2 }));
    expect(next.nodes[0]).toMatchObject({ status: "running", attempt: 2 });
    expect(applyEvent(next, "node_status", node("flights", { status: "failed" })).nodes[0]?.attempt).toBe(2);
  });

  it("tell the progress, which never goes back", () => {
    const told = {
      status: "running",
      progress: 0.6,
      estimated_completion: "2026-11-21T10:00:09Z",
      nodes: 900,
    };
    const next = applyEvent(execution({ progress: 0.7 }), "workflow_execution_progress", told);
    expect(next).toMatchObject({
      status: "running",
      progress: 0.7,
      estimated_completion: "2026-11-21T10:00:09Z",
    });
  });

  it("do not end it by its progress alone: the end brings more", () => {
    const told = { status: "success", progress: 1 };
    expect(applyEvent(execution({ status: "running" }), "workflow_execution_progress", told).status).toBe(
      "running",
    );
  });

  it("carry rows and durations of nodes in the progress", () => {
    const nodes = { late: { status: "success", duration_ms: 12, rows_processed: 5 } };
    const next = applyEvent(execution(), "workflow_execution_progress", {
      status: "running",
      progress: 0.5,
      nodes,
    });
    expect(next.nodes[1]).toMatchObject({ status: "success", duration_ms: 12, rows_out: 5 });
  });

  it("end it and keep what the nodes did", () => {
    const ran = execution({ status: "running", nodes: [node("flights", { status: "success" })] });
    const { nodes: _nodes, ...summary } = execution({ status: "success", progress: 1 });
    const next = applyEvent(ran, "execution_finished", summary);
    expect(next.status).toBe("success");
    expect(next.nodes).toEqual(ran.nodes);
  });

  it("that nobody knows change nothing", () => {
    const known = execution();
    expect(applyEvent(known, "confetti", {})).toBe(known);
  });
});

describe("reading an execution again", () => {
  it("never brings one back to life", () => {
    const over = execution({ status: "failed" });
    expect(mergeExecution(over, execution({ status: "running" })).status).toBe("failed");
  });

  it("replaces another one", () => {
    expect(mergeExecution(execution({ status: "failed" }), execution({ id: "e2" })).status).toBe("queued");
  });

  it("counts what is over", () => {
    const nodes = [node("a", { status: "skipped" }), node("b", { status: "failed" }), node("c")];
    expect(counts(execution({ nodes }))).toEqual({ done: 2, failed: 1, all: 3 });
  });
});

describe("the timeline", () => {
  const at = (second: number) => `2026-11-21T10:00:${String(second).padStart(2, "0")}Z`;

  it("spans from the first start to the last end, in order of start", () => {
    const { bars, span } = timelineOf(
      [
        node("late", { started_at: at(4), finished_at: at(10) }),
        node("flights", { started_at: at(0), finished_at: at(5) }),
        node("never"),
      ],
      Date.parse(at(30)),
    );
    expect(span).toBe(10_000);
    expect(bars.map(({ node: { node_id }, from, width }) => [node_id, from, width])).toEqual([
      ["flights", 0, 0.5],
      ["late", 0.4, 0.6],
    ]);
  });

  it("lets what runs reach the present", () => {
    expect(timelineOf([node("a", { started_at: at(0) })], Date.parse(at(20))).span).toBe(20_000);
  });

  it("has round ticks, at most six steps", () => {
    expect(tickStep(10_000, 6)).toBe(2000);
    expect(tickStep(61, 6)).toBe(20);
    expect(timelineOf([], 0).ticks).toEqual([]);
  });
});
