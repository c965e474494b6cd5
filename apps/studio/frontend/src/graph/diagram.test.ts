import { describe, expect, it } from "vitest";
import { operationOf, readDiagram } from "./diagram";
import { layered, layersOf, needsLayout, placesOf } from "./layout";
import { portsByNode, portsOf } from "./ports";

const node = (id: string, extra: object = {}, config: object = {}) => ({
  id,
  type: "custom-node",
  position: { x: 0, y: 0 },
  data: { label: id, nodeType: "transform", config: { operation: "filter", ...config }, ...extra },
});
const edge = (source: string, target: string, sourceHandle = "output", targetHandle = "input") => ({
  id: `${source}-${sourceHandle}-${target}-${targetHandle}`,
  source,
  target,
  sourceHandle,
  targetHandle,
});
const names = (ports: { name: string }[]) => ports.map((port) => port.name);

describe("reading a diagram", () => {
  it("keeps what can be drawn and counts the rest", () => {
    const diagram = readDiagram({
      nodes: [node("flights"), node("flights"), { position: {} }, null],
      edges: [edge("flights", "flights"), edge("flights", "nowhere"), "x"],
    });
    expect(diagram.nodes.map((each) => each.id)).toEqual(["flights"]);
    expect(diagram.edges).toHaveLength(1);
    expect(diagram.unreadable).toBe(5);
  });

  it("takes anything at all for an empty diagram", () => {
    for (const value of [null, 3, "x", [], {}, { nodes: {}, edges: 1 }]) {
      expect(readDiagram(value).nodes).toEqual([]);
    }
  });

  it("fills in what a node leaves out", () => {
    const [bare] = readDiagram({ nodes: [{ id: "a" }] }).nodes;
    expect(bare?.data.label).toBe("a");
    expect(bare?.position).toBeNull();
    expect(bare && operationOf(bare.data)).toBeNull();
  });

  it("finds the connector beside the config or inside it", () => {
    const { nodes } = readDiagram({
      nodes: [node("beside", { connectorId: "c1" }), node("inside", {}, { connectorId: "c2" })],
    });
    expect(nodes.map((each) => each.data.connectorId)).toEqual(["c1", "c2"]);
  });
});

describe("ports", () => {
  const ports = (value: object, edges: object[] = []) => {
    const diagram = readDiagram({ nodes: [value, node("other")], edges });
    return portsOf(diagram.nodes[0] as never, diagram.edges);
  };

  it("of a join are left and right", () => {
    expect(names(ports(node("j", {}, { operation: "join" })).inputs)).toEqual(["left", "right"]);
  });

  it("of a read have no input, of a switch one for each case and the default", () => {
    expect(ports(node("r", { nodeType: "connector" }, { operation: "read" })).inputs).toEqual([]);
    const cases = { operation: "switch", cases: { late: "x > 1", early: "x < 1" } };
    expect(names(ports(node("s", { nodeType: "control" }, cases)).outputs)).toEqual([
      "late",
      "early",
      "default",
    ]);
  });

  it("for errors and rows set aside show only where an edge hangs on them", () => {
    expect(names(ports(node("f")).outputs)).toEqual(["output"]);
    const { outputs, aside } = ports(node("f"), [
      edge("f", "other", "error"),
      edge("f", "other", "quarantine"),
    ]);
    expect(names(outputs)).toEqual(["output"]);
    expect(aside).toEqual([
      { name: "error", kind: "error" },
      { name: "quarantine", kind: "quarantine" },
    ]);
  });

  it("are found for all nodes at once as for each alone", () => {
    const diagram = readDiagram({
      nodes: [node("a"), node("b")],
      edges: [edge("a", "b", "success"), edge("a", "a", "error", "input")],
    });
    const all = portsByNode(diagram.nodes, diagram.edges);
    for (const each of diagram.nodes) expect(all.get(each.id)).toEqual(portsOf(each, diagram.edges));
  });
});

describe("layout", () => {
  const graph = (ids: string[], pairs: [string, string][]) =>
    readDiagram({ nodes: ids.map((id) => node(id)), edges: pairs.map(([one, other]) => edge(one, other)) });

  it("is needed where nodes lie on each other or have no place", () => {
    expect(needsLayout(graph(["a", "b"], []).nodes)).toBe(true);
    expect(needsLayout(readDiagram({ nodes: [{ id: "a" }] }).nodes)).toBe(true);
    const placed = readDiagram({ nodes: [node("a"), { ...node("b"), position: { x: 300, y: 0 } }] });
    expect(needsLayout(placed.nodes)).toBe(false);
    expect(placesOf(placed.nodes, []).get("b")).toEqual({ x: 300, y: 0 });
  });

  it("puts a node behind everything that it reads", () => {
    const { nodes, edges } = graph(
      ["join", "flights", "planes", "late"],
      [
        ["flights", "late"],
        ["late", "join"],
        ["planes", "join"],
      ],
    );
    expect(Object.fromEntries(layersOf(nodes, edges))).toEqual({ flights: 0, planes: 0, late: 1, join: 2 });
    const places = layered(nodes, edges);
    expect((places.get("join")?.x ?? 0) > (places.get("late")?.x ?? 0)).toBe(true);
  });

  it("gives every node its own place, also on a cycle", () => {
    const { nodes, edges } = graph(
      ["a", "b", "c", "d"],
      [
        ["a", "b"],
        ["b", "c"],
        ["c", "b"],
        ["a", "d"],
      ],
    );
    const places = [...layered(nodes, edges).values()].map(({ x, y }) => `${x},${y}`);
    expect(new Set(places).size).toBe(4);
  });

  it("does not cross two parallel chains", () => {
    const { nodes, edges } = graph(
      ["a", "b", "b2", "a2"],
      [
        ["a", "a2"],
        ["b", "b2"],
      ],
    );
    const places = layered(nodes, edges);
    const y = (id: string) => places.get(id)?.y ?? Number.NaN;
    expect(Math.sign(y("a") - y("b"))).toBe(Math.sign(y("a2") - y("b2")));
  });
});
