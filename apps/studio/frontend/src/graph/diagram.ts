/**
 * The diagram of a workflow: React Flow's JSON as it is stored. A draft may be saved with anything in it,
 * so reading is tolerant: what cannot be drawn is left out and counted, never thrown.
 */

export interface Position {
  x: number;
  y: number;
}

export interface NodeData {
  label: string;
  icon: string | null;
  /** The category: connector, transform, genai, agentic, control. */
  nodeType: string;
  connectorId: string | null;
  connectorType: string | null;
  description: string;
  config: Record<string, unknown>;
}

export interface DiagramNode {
  id: string;
  /** Null where the diagram does not say: then the layout decides. */
  position: Position | null;
  data: NodeData;
}

export interface DiagramEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle: string;
  targetHandle: string;
  label: string | null;
}

export interface Diagram {
  nodes: DiagramNode[];
  edges: DiagramEdge[];
  /** Parts that cannot be drawn: nodes without an id or with a used one, edges to nowhere. */
  unreadable: number;
}

type Loose = Record<string, unknown>;

const isRecord = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown): Loose => (isRecord(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function readPosition(value: unknown): Position | null {
  const { x, y } = record(value);
  return Number.isFinite(x) && Number.isFinite(y) ? { x: x as number, y: y as number } : null;
}

/** A stored part that did not change is read once, so that what is drawn of it stays the same object. */
const readNodes = new WeakMap<object, DiagramNode>();
const readEdges = new WeakMap<object, DiagramEdge>();

function readNode(value: unknown): DiagramNode | null {
  const known = isRecord(value) ? readNodes.get(value) : undefined;
  const node = known ?? readNodeAnew(value);
  if (node !== null && isRecord(value)) readNodes.set(value, node);
  return node;
}

function readNodeAnew(value: unknown): DiagramNode | null {
  const raw = record(value);
  const id = text(raw.id);
  if (id === null) return null;
  const data = record(raw.data);
  const config = record(data.config);
  return {
    id,
    position: readPosition(raw.position),
    data: {
      label: text(data.label) ?? id,
      icon: text(data.icon),
      nodeType: text(data.nodeType) ?? "unknown",
      connectorId: text(data.connectorId) ?? text(config.connectorId),
      connectorType: text(data.connectorType),
      description: text(data.description) ?? "",
      config,
    },
  };
}

function readEdge(value: unknown, index: number): DiagramEdge | null {
  const raw = record(value);
  const known = readEdges.get(raw);
  if (known !== undefined) return known;
  const source = text(raw.source);
  const target = text(raw.target);
  if (source === null || target === null) return null;
  const sourceHandle = text(raw.sourceHandle) ?? "output";
  const targetHandle = text(raw.targetHandle) ?? "input";
  const id = text(raw.id);
  const edge = {
    id: id ?? `${source}:${sourceHandle}>${target}:${targetHandle}#${index}`,
    source,
    target,
    sourceHandle,
    targetHandle,
    label: text(record(raw.data).label),
  };
  // Where the place in the list makes the id, the same part may be another edge later.
  if (id !== null) readEdges.set(raw, edge);
  return edge;
}

/** Read a stored `workflow_diagram`; anything at all may be in it. */
export function readDiagram(value: unknown): Diagram {
  const raw = record(value);
  const nodes = new Map<string, DiagramNode>();
  const edges = new Map<string, DiagramEdge>();
  let unreadable = 0;
  for (const each of list(raw.nodes)) {
    const node = readNode(each);
    if (node === null || nodes.has(node.id)) unreadable += 1;
    else nodes.set(node.id, node);
  }
  list(raw.edges).forEach((each, index) => {
    const edge = readEdge(each, index);
    if (edge === null || edges.has(edge.id) || !nodes.has(edge.source) || !nodes.has(edge.target)) {
      unreadable += 1;
    } else {
      edges.set(edge.id, edge);
    }
  });
  return { nodes: [...nodes.values()], edges: [...edges.values()], unreadable };
}

/** The operation inside a node's category: `filter`, `read`, … or null where the config names none. */
export function operationOf(data: NodeData): string | null {
  return text(data.config.operation);
}
