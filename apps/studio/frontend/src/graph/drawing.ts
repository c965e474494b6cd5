/** What the canvas draws: nodes and edges in React Flow's shape, changed only where something changed. */

import type { Diagram, DiagramEdge, DiagramNode } from "./diagram";
import type { NodeType } from "./editing/palette";
import type { ExecutionState, NodeState } from "./execution";
import { type HandlePlace, handlePlaces } from "./handles";
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from "./layout";
import { type Port, type Ports, portsByNode } from "./ports";
import { columnsOn, type PortColumns, type Schema } from "./schema";

export interface Trouble {
  errors: number;
  warnings: number;
  /** Errors that only say what has not been filled in or connected yet, as of every node just drawn. */
  unfinished: number;
}

/** How loudly a node says so. */
export type Severity = "error" | "unfinished" | "warning";

export interface DrawnNodeData extends Record<string, unknown> {
  node: DiagramNode;
  ports: Ports;
  state: NodeState | null;
  trouble: Trouble | null;
}

export interface DrawnNode {
  id: string;
  type: "uzo";
  position: { x: number; y: number };
  width: number;
  height: number;
  /** React Flow fits the view and draws edges at once, without drawing and measuring all nodes first. */
  measured: { width: number; height: number };
  handles: HandlePlace[];
  data: DrawnNodeData;
  ariaLabel: string;
}

export interface DrawnEdgeData extends Record<string, unknown> {
  edge: DiagramEdge;
  columns: PortColumns | null;
  flowing: boolean;
}

export interface DrawnEdge {
  id: string;
  type: "uzo";
  source: string;
  target: string;
  sourceHandle: string;
  targetHandle: string;
  focusable: false;
  data: DrawnEdgeData;
}

interface Said {
  node_id: string | null;
  severity: "error" | "warning";
  code: string;
  field: string | null;
}

const UNCONNECTED: ReadonlySet<string> = new Set(["missing_input", "missing_connector"]);

const isEmpty = (value: unknown) =>
  value == null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

/** Whether a problem is only that nobody has said yet what stands there. */
function isUnfinished({ code, field }: Said, data: DiagramNode["data"] | undefined): boolean {
  if (UNCONNECTED.has(code)) return true;
  if (field === null || data === undefined) return false;
  let value: unknown = data;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null) return value == null;
    value = (value as Record<string, unknown>)[key];
  }
  return isEmpty(value);
}

/** Problems counted by node; those of the whole graph are not any node's. */
export function troubleByNode(
  problems: readonly Said[],
  nodes: readonly DiagramNode[],
): Map<string, Trouble> {
  const dataOf = new Map(nodes.map(({ id, data }) => [id, data]));
  const found = new Map<string, Trouble>();
  for (const said of problems) {
    if (said.node_id === null) continue;
    const trouble = found.get(said.node_id) ?? { errors: 0, warnings: 0, unfinished: 0 };
    if (said.severity === "warning") trouble.warnings += 1;
    else trouble.errors += 1;
    if (said.severity === "error" && isUnfinished(said, dataOf.get(said.node_id))) trouble.unfinished += 1;
    found.set(said.node_id, trouble);
  }
  return found;
}

export const severityOf = ({ errors, unfinished }: Trouble): Severity =>
  errors > unfinished ? "error" : unfinished > 0 ? "unfinished" : "warning";

const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT };
const NO_PORTS: Ports = { inputs: [], outputs: [], aside: [] };

const statesOf = (execution: ExecutionState | undefined) =>
  new Map(execution?.nodes.map((state) => [state.node_id, state]) ?? []);

/** Ports change as little as what they are made of: the same ones stay the same object. */
function samePorts(one: Ports, other: Ports): boolean {
  const same = (mine: readonly Port[], theirs: readonly Port[]) =>
    mine.length === theirs.length && mine.every(({ name }, index) => name === theirs[index]?.name);
  return same(one.inputs, other.inputs) && same(one.outputs, other.outputs) && same(one.aside, other.aside);
}

export interface DrawnFor {
  /** While it is edited, nodes stand where the diagram says, even on top of each other. */
  editing?: boolean;
  typeOf?: (node: DiagramNode) => NodeType | null;
}

export function drawNodes(
  diagram: Diagram,
  execution: ExecutionState | undefined,
  problems: readonly Said[],
  { editing = false, typeOf }: DrawnFor = {},
): DrawnNode[] {
  const places = editing ? ownPlaces(diagram.nodes) : placesOf(diagram.nodes, diagram.edges);
  const ports = portsByNode(diagram.nodes, diagram.edges, typeOf);
  const states = statesOf(execution);
  const trouble = troubleByNode(problems, diagram.nodes);
  return diagram.nodes.map((node) => ({
    id: node.id,
    type: "uzo",
    position: places.get(node.id) ?? { x: 0, y: 0 },
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    measured: SIZE,
    handles: handlePlaces(ports.get(node.id) ?? NO_PORTS),
    ariaLabel: node.data.label,
    data: {
      node,
      ports: ports.get(node.id) ?? NO_PORTS,
      state: states.get(node.id) ?? null,
      trouble: trouble.get(node.id) ?? null,
    },
  }));
}

const ownPlaces = (nodes: readonly DiagramNode[]) =>
  new Map(nodes.flatMap(({ id, position }) => (position === null ? [] : [[id, position] as const])));

export function drawEdges(
  diagram: Diagram,
  schema: Schema,
  execution: ExecutionState | undefined,
): DrawnEdge[] {
  const states = statesOf(execution);
  return diagram.edges.map((edge) => ({
    id: edge.id,
    type: "uzo",
    source: edge.source,
    target: edge.target,
    sourceHandle: edge.sourceHandle,
    targetHandle: edge.targetHandle,
    focusable: false,
    data: {
      edge,
      columns: columnsOn(schema, edge),
      flowing: states.get(edge.target)?.status === "running",
    },
  }));
}

const sameTrouble = (one: Trouble | null, other: Trouble | null) =>
  one?.errors === other?.errors && one?.warnings === other?.warnings && one?.unfinished === other?.unfinished;

function sameNode(one: DrawnNode, other: DrawnNode): boolean {
  return (
    one.position.x === other.position.x &&
    one.position.y === other.position.y &&
    one.data.node === other.data.node &&
    one.data.state === other.data.state &&
    samePorts(one.data.ports, other.data.ports) &&
    sameTrouble(one.data.trouble, other.data.trouble)
  );
}

/**
 * The nodes to hand to React Flow: objects it knows already stay the same (so that only what changed is
 * drawn again), and keep what React Flow noted on them (`measured`, `selected`).
 */
export function redraw<T extends DrawnNode>(known: readonly T[], drawn: readonly DrawnNode[]): T[] {
  const before = new Map(known.map((node) => [node.id, node]));
  return drawn.map((node) => {
    const old = before.get(node.id);
    if (old === undefined) return node as T;
    return sameNode(old, node) ? old : { ...old, ...node };
  });
}

/** Edges of the known ones that did not change stay the same objects. */
export function redrawEdges(known: readonly DrawnEdge[], drawn: readonly DrawnEdge[]): DrawnEdge[] {
  const before = new Map(known.map((edge) => [edge.id, edge]));
  return drawn.map((edge) => {
    const old = before.get(edge.id);
    const same =
      old !== undefined &&
      old.data.edge === edge.data.edge &&
      old.data.flowing === edge.data.flowing &&
      old.data.columns === edge.data.columns;
    return same ? old : edge;
  });
}
