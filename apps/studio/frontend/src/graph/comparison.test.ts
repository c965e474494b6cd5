import { describe, expect, it } from "vitest";
import { changeOf, compare } from "./comparison";
import type { ExecutionState, NodeState } from "./execution";

const node = (node_id: string, duration_ms: number | null, rows_out: number | null): NodeState => ({
  node_id,
  status: "success",
  started_at: null,
  finished_at: null,
  duration_ms,
  rows_in: null,
  rows_out,
  bytes: null,
  attempt: 1,
  error: null,
});

const run = (workflow_id: string, nodes: NodeState[], seconds: number | null): ExecutionState => ({
  id: "x",
  workflow_id,
  kind: "run",
  status: "success",
  waiting_for: null,
  progress: 1,
  started_at: "2026-11-21T10:00:00Z",
  finished_at:
    seconds === null ? null : new Date(Date.parse("2026-11-21T10:00:00Z") + seconds * 1000).toISOString(),
  error: null,
  warnings: 0,
  nodes,
});

describe("two runs", () => {
  it("are matched by node; what only one has is still there", () => {
    const { nodes, longest, sameWorkflow, firstMs, secondMs } = compare(
      run("w", [node("read", 100, 10), node("gone", 5, 1)], 2),
      run("w", [node("new", 7, 3), node("read", 250, 12)], null),
    );
    expect(nodes.map(({ id, first, second }) => [id, first !== null, second !== null])).toEqual([
      ["read", true, true],
      ["gone", true, false],
      ["new", false, true],
    ]);
    expect(nodes[0]).toMatchObject({ durationRatio: 2.5, rowsDifference: 2 });
    expect(nodes[1]).toMatchObject({ durationRatio: null, rowsDifference: null });
    expect({ longest, sameWorkflow, firstMs, secondMs }).toEqual({
      longest: 250,
      sameWorkflow: true,
      firstMs: 2000,
      secondMs: null,
    });
  });

  it("of different workflows say so", () => {
    expect(compare(run("w", [], 1), run("v", [], 1)).sameWorkflow).toBe(false);
  });
});

describe("a change", () => {
  it("of less than a tenth is none", () => {
    expect([null, 1, 1.05, 0.95].map(changeOf)).toEqual([null, null, null, null]);
  });
  it("is told in times, with few digits", () => {
    expect([2.5, 0.4, 0.04, 23.4].map(changeOf)).toEqual(["2.5 ×", "0.4 ×", "0.04 ×", "23 ×"]);
  });
});
