import { describe, expect, it } from "vitest";
import { readDiagram } from "./diagram";
import { drawEdges, drawNodes, redraw, redrawEdges, severityOf, troubleByNode } from "./drawing";
import type { ExecutionState, NodeState } from "./execution";
import { readSchema } from "./schema";

const diagram = readDiagram({
  nodes: [
    {
      id: "flights",
      position: { x: 0, y: 0 },
      data: { nodeType: "connector", config: { operation: "read" } },
    },
    {
      id: "late",
      position: { x: 300, y: 0 },
      data: { nodeType: "transform", config: { operation: "filter" } },
    },
  ],
  edges: [{ id: "e", source: "flights", target: "late" }],
});
const state = (node_id: string, status: string) => ({ node_id, status, attempt: 1 }) as NodeState;
const run = (...nodes: NodeState[]) => ({ id: "e1", nodes }) as unknown as ExecutionState;

describe("drawing", () => {
  it("keeps the objects of nodes that did not change, and what React Flow noted on them", () => {
    const flights = state("flights", "success");
    const before = drawNodes(diagram, run(flights, state("late", "pending")), []).map((node) => ({
      ...node,
      measured: { width: 216, height: 60 },
      selected: node.id === "late",
    }));
    const after = redraw(before, drawNodes(diagram, run(flights, state("late", "running")), []));
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(after[1]).toMatchObject({
      selected: true,
      measured: { width: 216 },
      data: { state: { status: "running" } },
    });
  });

  it("drops nodes that are gone and takes new ones", () => {
    const before = drawNodes(diagram, undefined, []);
    const less = { ...diagram, nodes: diagram.nodes.slice(1) };
    expect(redraw(before, drawNodes(less, undefined, [])).map((node) => node.id)).toEqual(["late"]);
  });

  const problem = (changes: object) => ({
    node_id: "late",
    severity: "error" as const,
    code: "type_mismatch",
    field: null,
    ...changes,
  });

  it("counts problems by node, not those of the graph", () => {
    const trouble = troubleByNode(
      [problem({}), problem({ severity: "warning" }), problem({ node_id: null })],
      diagram.nodes,
    );
    expect([...trouble]).toEqual([["late", { errors: 1, warnings: 1, unfinished: 0 }]]);
  });

  it("tells what is not filled in yet from what is wrong", () => {
    const severity = (...problems: ReturnType<typeof problem>[]) =>
      [...troubleByNode(problems, diagram.nodes).values()].map(severityOf);
    const empty = problem({ code: "invalid_config", field: "config.expression" });
    const wrong = problem({ code: "invalid_config", field: "config.operation" });
    expect(severity(empty, problem({ code: "missing_input" }))).toEqual(["unfinished"]);
    expect(severity(problem({ code: "invalid_config", field: "config.on.left" }))).toEqual(["unfinished"]);
    expect(severity(empty, wrong)).toEqual(["error"]);
    expect(severity(problem({ severity: "warning" }))).toEqual(["warning"]);
  });

  it("lets an edge flow only while its target runs", () => {
    const schema = readSchema({ flights: { output: [{ name: "carrier", type: "string", nullable: true }] } });
    const idle = drawEdges(diagram, schema, run(state("late", "pending")));
    const busy = drawEdges(diagram, schema, run(state("late", "running")));
    expect([idle[0]?.data.flowing, busy[0]?.data.flowing]).toEqual([false, true]);
    expect(busy[0]?.data.columns?.columns).toHaveLength(1);
    expect(redrawEdges(idle, drawEdges(diagram, schema, run(state("late", "success"))))[0]).toBe(idle[0]);
    expect(redrawEdges(idle, busy)[0]).toBe(busy[0]);
  });
});
