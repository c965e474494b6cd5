import { describe, expect, it } from "vitest";
import { readDiagram } from "../diagram";
import { align, boxOf, distribute, nearest } from "./arranging";
import { asText, copy, duplicate, paste, readClip } from "./clipboard";
import {
  addNode,
  connect,
  freePlace,
  move,
  remove,
  removeAndBridge,
  rename,
  setConfig,
  setConnector,
} from "./commands";
import { refusal, targetsOf, withUpstream } from "./connecting";
import { askElk, readElk } from "./elk";
import { begin, canRedo, PAUSE_MS, record, redo, undo } from "./history";
import { edgeId, freeId, freeLabel, slug } from "./naming";
import { addNote, group, inside, notesOf, resize, write } from "./notes";
import { byOperation, fittingPort, grouped, type NodeType, search } from "./palette";
import { asDiagram, type Json, type RawDiagram, rawNodes, sameMeaning } from "./raw";

const type = (
  category: string,
  operation: string,
  label: string,
  more: Partial<NodeType> = {},
): NodeType => ({
  category,
  operation,
  label,
  aliases: [],
  description: "",
  icon: "box",
  inputs: [{ name: "input", required: true, many: false }],
  outputs: [{ name: "output", kind: "data" }],
  ...more,
});
const READ = type("connector", "read", "Read", {
  aliases: ["select"],
  inputs: [],
  outputs: [
    { name: "output", kind: "data" },
    { name: "quarantine", kind: "data" },
  ],
});
const FILTER = type("transform", "filter", "Filter");
const UNION = type("transform", "union", "Union", {
  inputs: [{ name: "input", required: true, many: true }],
});
const JOIN = type("transform", "join", "Join", {
  inputs: ["left", "right"].map((name) => ({ name, required: true, many: false })),
});
const TYPES = byOperation([READ, FILTER, UNION, JOIN]);

const drawn = (...types: NodeType[]): RawDiagram =>
  types.reduce<RawDiagram>(
    (diagram, each, index) => addNode(diagram, each, { x: index * 300, y: 0 }).diagram,
    asDiagram(null),
  );
const edge = (source: string, target: string, targetHandle = "input", sourceHandle = "output") => ({
  source,
  target,
  sourceHandle,
  targetHandle,
});
const idsOf = (diagram: RawDiagram) => rawNodes(diagram).map((node) => (node as Json).id);
const nodeOf = (diagram: RawDiagram, id: string) =>
  rawNodes(diagram).find((node) => (node as Json).id === id) as { data: Json; position: Json } & Json;

/** As a hand-written or imported diagram may be: keys that nobody here knows, in an order of their own. */
const STRANGE = {
  viewport: { zoom: 2, x: 0, y: 1 },
  zebra: [1, { b: 1, a: 2 }],
  nodes: [
    {
      zIndex: 3,
      id: "a",
      data: { note: null, config: { zz: 1, operation: "filter", expression: "x" }, label: "A" },
    },
    "no node at all",
    { id: "b", position: { y: 5, x: 4, z: 9 }, data: { label: "B", config: {} } },
  ],
  edges: [{ animated: true, id: "e", source: "a", target: "b" }],
  after: true,
};

describe("a change of the stored diagram", () => {
  it("keeps unknown keys, their order, and everything it does not touch", () => {
    const changed = setConfig(rename(STRANGE, "a", "Kept"), "a", "expression", "y > 1");
    const expected = structuredClone(STRANGE) as typeof STRANGE & { nodes: Json[] };
    const first = expected.nodes[0] as { data: { label: string; config: Json } };
    first.data.label = "Kept";
    first.data.config.expression = "y > 1";
    expect(JSON.stringify(changed)).toBe(JSON.stringify(expected));
    expect(rawNodes(changed)[2]).toBe(STRANGE.nodes[2]);
  });
  it("is none where nothing would differ", () => {
    expect(setConfig(STRANGE, "a", "expression", "x")).toBe(STRANGE);
    expect(move(STRANGE, new Map([["b", { x: 4, y: 5 }]]))).toBe(STRANGE);
    expect(remove(STRANGE, new Set(["nobody"]), new Set())).toBe(STRANGE);
    expect(rename(STRANGE, "nobody", "X")).toBe(STRANGE);
  });
  it("takes a key away for undefined, so that the default holds", () => {
    const changed = setConfig(STRANGE, "a", "zz", undefined);
    expect(nodeOf(changed, "a").data.config).toEqual({ operation: "filter", expression: "x" });
  });
  it("moves nodes without losing what else stands in their position", () => {
    expect(nodeOf(move(STRANGE, new Map([["b", { x: 1, y: 2 }]])), "b").position).toEqual({
      y: 2,
      x: 1,
      z: 9,
    });
  });
  it("names the connector where the node has it, and only there", () => {
    const beside = setConnector(STRANGE, "b", { id: "c1", type: "postgresql" });
    expect(nodeOf(beside, "b").data).toMatchObject({ connectorId: "c1", connectorType: "postgresql" });
    const within = setConfig(STRANGE, "b", "connectorId", "old");
    const changed = nodeOf(setConnector(within, "b", { id: "c2", type: "files" }), "b").data;
    expect(changed.config).toEqual({ connectorId: "c2" });
    expect(changed.connectorId).toBeUndefined();
  });
  it("does not change the meaning by moving, but by any setting or edge", () => {
    expect(sameMeaning(STRANGE, move(STRANGE, new Map([["b", { x: 99, y: 2 }]])))).toBe(true);
    expect(sameMeaning(STRANGE, addNote(STRANGE, { x: 0, y: 0 }).diagram)).toBe(true);
    expect(sameMeaning(STRANGE, setConfig(STRANGE, "a", "expression", "z"))).toBe(false);
    expect(sameMeaning(STRANGE, connect(STRANGE, edge("b", "a")))).toBe(false);
  });
});

describe("a new node", () => {
  it("has an id and a label of its own, on the grid", () => {
    const diagram = drawn(FILTER, FILTER, FILTER);
    expect(idsOf(diagram)).toEqual(["filter", "filter_2", "filter_3"]);
    expect(nodeOf(diagram, "filter_3").data.label).toBe("Filter 3");
    const { diagram: odd, id } = addNode(diagram, READ, { x: 11, y: 29 });
    expect(nodeOf(odd, id).position).toEqual({ x: 20, y: 20 });
    expect(nodeOf(odd, id).data).toMatchObject({ nodeType: "connector", config: { operation: "read" } });
  });
  it("does not lie on another one", () => {
    const place = freePlace(drawn(FILTER), { x: 0, y: 0 });
    expect(place.y).toBeGreaterThanOrEqual(60);
  });
});

describe("names", () => {
  it("are readable and free", () => {
    expect(slug("Røde Übersicht, 3 — α")).toMatch(/^[a-z0-9_]+$/);
    expect(slug("→")).toBe("node");
    expect(freeId("filter_2", new Set(["filter_2"]))).toBe("filter_3");
    expect(freeLabel("Filter 2", new Set(["Filter 2", "Filter 3"]))).toBe("Filter 4");
    expect(edgeId(edge("a", "b"), new Set(["a-b"]))).toBe("a-b#2");
    expect(edgeId(edge("a", "b", "left"), new Set())).toBe("a:output-b:left");
  });
});

describe("an edge", () => {
  const chain = connect(connect(drawn(READ, FILTER, UNION), edge("read", "filter")), edge("filter", "union"));
  const why = (ends: ReturnType<typeof edge>, diagram = chain) => refusal(readDiagram(diagram), ends, TYPES);

  it("is refused to itself, in a ring, twice, or where there is no port", () => {
    expect(why(edge("filter", "filter"))).toBe("itself");
    expect(why(edge("union", "filter"))).toBe("cycle");
    expect(why(edge("read", "filter"))).toBe("twice");
    expect(why(edge("filter", "read"))).toBe("no_input");
    expect(why(edge("read", "union", "left"))).toBe("no_input");
    expect(why(edge("read", "union", "input", "nowhere"))).toBe("no_output");
    expect(why(edge("read", "ghost"))).toBe("gone");
  });
  it("may end with others only at a port that takes many", () => {
    expect(why(edge("read", "union"))).toBeNull();
    const more = addNode(chain, READ, { x: 0, y: 200 }).diagram;
    expect(why(edge("read_2", "filter"), more)).toBe("taken");
  });
  it("may leave by the ways that are aside", () => {
    expect(why(edge("read", "union", "input", "quarantine"))).toBeNull();
    expect(why(edge("filter", "union", "input", "error"))).toBeNull();
  });
  it("replaces the one that is there, if so wished", () => {
    const more = addNode(chain, READ, { x: 0, y: 200 }).diagram;
    const edges = readDiagram(connect(more, edge("read_2", "filter"), true)).edges;
    expect(edges.map(({ source, target }) => `${source}>${target}`)).toEqual([
      "filter>union",
      "read_2>filter",
    ]);
  });
  it("carries rows from everything upstream", () => {
    const { edges } = readDiagram(chain);
    expect(withUpstream(edges, "filter")).toEqual(new Set(["filter", "read"]));
  });
  it("is offered to every port it may end at", () => {
    const diagram = readDiagram(addNode(chain, JOIN, { x: 0, y: 0 }).diagram);
    const found = targetsOf(diagram, "read", "output", TYPES).map(({ node, port }) => `${node.id}.${port}`);
    expect(found).toEqual(["union.input", "join.left", "join.right"]);
  });
});

describe("removing", () => {
  const chain = connect(connect(drawn(READ, FILTER, UNION), edge("read", "filter")), edge("filter", "union"));
  it("takes edges along that would hang loose", () => {
    const left = readDiagram(remove(chain, new Set(["filter"]), new Set()));
    expect(left.nodes.map(({ id }) => id)).toEqual(["read", "union"]);
    expect(left.edges).toEqual([]);
    expect(left.unreadable).toBe(0);
  });
  it("can close the gap it leaves", () => {
    const { edges } = readDiagram(removeAndBridge(chain, new Set(["filter"])));
    expect(edges.map(({ source, target }) => [source, target])).toEqual([["read", "union"]]);
  });
});

describe("history", () => {
  const said = (at: number, key?: string) => ({ what: "change", key, at });
  it("undoes and redoes ten steps", () => {
    let history = begin(0);
    for (let value = 1; value <= 10; value += 1) history = record(history, value, said(value * 10_000));
    for (let value = 9; value >= 0; value -= 1) {
      history = undo(history);
      expect(history.present.value).toBe(value);
    }
    expect(undo(history)).toBe(history);
    for (let value = 1; value <= 10; value += 1) history = redo(history);
    expect(history.present.value).toBe(10);
    expect(canRedo(history)).toBe(false);
  });
  it("makes one step of a run of changes with one key", () => {
    let history = record(begin("a"), "ab", said(0, "typing"));
    history = record(history, "abc", said(PAUSE_MS, "typing"));
    expect(undo(history).present.value).toBe("a");
    history = record(history, "abcd", said(3 * PAUSE_MS, "typing"));
    expect(undo(history).present.value).toBe("abc");
    const other = record(history, "x", said(3 * PAUSE_MS + 1, "elsewhere"));
    expect(undo(other).present.value).toBe("abcd");
  });
  it("forgets the undone once something new is done, and counts nothing as a change", () => {
    const history = record(undo(record(begin(1), 2, said(0))), 3, said(1));
    expect(canRedo(history)).toBe(false);
    expect(record(history, 3, said(2))).toBe(history);
  });
});

describe("copy and paste", () => {
  const chain = connect(connect(drawn(READ, FILTER, UNION), edge("read", "filter")), edge("filter", "union"));
  it("takes along the edges among the copied nodes, and no others", () => {
    const clip = copy(chain, new Set(["read", "filter"]));
    expect(clip?.edges).toHaveLength(1);
    expect(copy(chain, new Set())).toBeNull();
  });
  it("survives the way through JSON text into another workflow", () => {
    const text = asText(copy(chain, new Set(["read", "filter"])) as never);
    const { diagram, ids } = paste(asDiagram(null), readClip(text) as never);
    expect(readDiagram(diagram).edges.map(({ source, target }) => [source, target])).toEqual([
      ["read", "filter"],
    ]);
    expect([...ids]).toEqual(["read", "filter"]);
  });
  it("gives ids and labels of their own, beside the original", () => {
    const { diagram, ids } = duplicate(chain, new Set(["read", "filter"]));
    expect([...ids]).toEqual(["read_2", "filter_2"]);
    expect(nodeOf(diagram, "filter_2").data.label).toBe("Filter 2");
    expect(nodeOf(diagram, "read_2").position).not.toEqual(nodeOf(diagram, "read").position);
    const again = duplicate(diagram, new Set(["read"])).diagram;
    expect(nodeOf(again, "read_3").position).not.toEqual(nodeOf(again, "read_2").position);
    expect(readDiagram(again).unreadable).toBe(0);
  });
  it("lets copies refer to each other by their new names", () => {
    const named = setConfig(chain, "filter", "inputVariable", "read");
    const both = duplicate(named, new Set(["read", "filter"])).diagram;
    expect((nodeOf(both, "filter_2").data.config as Json).inputVariable).toBe("read_2");
    const alone = duplicate(named, new Set(["filter"])).diagram;
    expect((nodeOf(alone, "filter_2").data.config as Json).inputVariable).toBe("read");
  });
  it("reads whole diagrams and workflows, and nothing else", () => {
    expect(readClip(JSON.stringify(chain))?.nodes).toHaveLength(3);
    expect(readClip(JSON.stringify({ name: "W", workflow_diagram: chain }))?.nodes).toHaveLength(3);
    for (const text of ["", "hello", "{", "[]", "{}", '{"nodes": 1}', '{"nodes": [1]}', '{"nodes": [{}]}']) {
      expect(readClip(text)).toBeNull();
    }
  });
});

describe("notes and frames", () => {
  it("stand beside the nodes, so that no run takes them for one", () => {
    const { diagram, id } = addNote(drawn(FILTER), { x: 3, y: 0 });
    expect(idsOf(diagram)).toEqual(["filter"]);
    expect(notesOf(write(diagram, id, "Why?"))[0]).toMatchObject({
      kind: "note",
      text: "Why?",
      position: { x: 0, y: 0 },
    });
    expect(notesOf(remove(diagram, new Set([id]), new Set()))).toEqual([]);
  });
  it("frame the selected nodes, which then move along", () => {
    const diagram = drawn(FILTER, FILTER, FILTER);
    const made = group(diagram, new Set(["filter", "filter_2"]), "Both");
    const frame = notesOf(made?.diagram as RawDiagram)[0];
    expect(frame).toMatchObject({ kind: "group", text: "Both" });
    expect(inside(made?.diagram as RawDiagram, frame as never)).toEqual(new Set(["filter", "filter_2"]));
    expect(group(diagram, new Set(), "None")).toBeNull();
  });
  it("are resized to whole pixels", () => {
    const { diagram, id } = addNote(drawn(), { x: 0, y: 0 });
    const sized = resize(diagram, id, { x: -20, y: 0, width: 300.4, height: 99.6 });
    expect(notesOf(sized)[0]).toMatchObject({ position: { x: -20, y: 0 }, width: 300, height: 100 });
  });
});

describe("arranging", () => {
  const boxes = [boxOf("a", { x: 0, y: 0 }), boxOf("b", { x: 300, y: 30 }), boxOf("c", { x: 900, y: 90 })];
  it("brings sides and middles onto one line", () => {
    expect([...align(boxes, "top").values()].map(({ y }) => y)).toEqual([0, 0, 0]);
    expect([...align(boxes, "right").values()].map(({ x }) => x)).toEqual([900, 900, 900]);
    expect([...align(boxes, "middle").values()].map(({ y }) => y)).toEqual([45, 45, 45]);
  });
  it("makes gaps equal and leaves the outermost where they are", () => {
    expect([...distribute(boxes, "x").values()].map(({ x }) => x)).toEqual([0, 450, 900]);
  });
  it("walks to the nearest in a direction", () => {
    const [a, b, c] = boxes as [never, never, never];
    expect(nearest(boxes, a, "right")).toBe(b);
    expect(nearest(boxes, c, "left")).toBe(b);
    expect(nearest(boxes, a, "left")).toBeNull();
  });
});

describe("the palette", () => {
  const types = [READ, FILTER, UNION, JOIN, type("control", "if", "If")];
  it("finds types by name, alias and what others call them", () => {
    expect(search(types, "fil")[0]).toBe(FILTER);
    expect(search(types, "select")[0]).toBe(READ);
    expect(search(types, "where")[0]).toBe(FILTER);
    expect(search(types, "vlookup")[0]).toBe(JOIN);
    expect(search(types, "zzz")).toEqual([]);
    expect(search(types, " ")).toEqual(types);
  });
  it("puts categories in their order", () => {
    expect(grouped([...types].reverse()).map(([category]) => category)).toEqual([
      "connector",
      "transform",
      "control",
    ]);
  });
  it("knows which port an edge pulled into the void would end at", () => {
    expect(fittingPort(FILTER, "output")).toBe("input");
    expect(fittingPort(JOIN, "output")).toBe("left");
    expect(fittingPort(READ, "output")).toBeNull();
    expect(fittingPort(READ, "input")).toBe("output");
  });
});

describe("what the layout engine is asked", () => {
  it("names every port on its side, and its answer is put on the grid", () => {
    const diagram = readDiagram(connect(drawn(READ, FILTER), edge("read", "filter")));
    const ports = new Map(
      diagram.nodes.map(({ id }) => [
        id,
        {
          inputs: [{ name: "input", kind: "data" as const }],
          outputs: [{ name: "output", kind: "data" as const }],
          aside: [],
        },
      ]),
    );
    const asked = askElk(diagram.nodes, diagram.edges, ports);
    const known = new Set(asked.children?.flatMap((child) => child.ports?.map(({ id }) => id) ?? []));
    for (const each of asked.edges ?? [])
      for (const end of [...each.sources, ...each.targets]) expect(known).toContain(end);
    const places = readElk({
      id: "root",
      children: [
        { id: "read", x: 12, y: 12 },
        { id: "filter", x: 316, y: 33 },
      ],
    });
    expect(places.get("read")).toEqual({ x: 0, y: 0 });
    expect(places.get("filter")).toEqual({ x: 300, y: 20 });
  });
});
