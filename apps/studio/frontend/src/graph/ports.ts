/** The handles of a node: which are drawn, and in which order. */

import type { DiagramEdge, DiagramNode } from "./diagram";
import { operationOf } from "./diagram";
import type { NodeType } from "./editing/palette";

export type PortKind = "data" | "branch" | "error" | "quarantine";

export interface Port {
  name: string;
  kind: PortKind;
}

export interface Ports {
  inputs: Port[];
  outputs: Port[];
  /** Ways out that are not the usual one, below the node: `error`, `quarantine`. */
  aside: Port[];
}

const data = (name: string): Port => ({ name, kind: "data" });
const INPUT = data("input");
const OUTPUT = data("output");

function switchCases(config: Record<string, unknown>): string[] {
  const cases = config.cases;
  return typeof cases === "object" && cases !== null && !Array.isArray(cases) ? Object.keys(cases) : [];
}

function declaredOutputs(
  category: string,
  operation: string | null,
  config: Record<string, unknown>,
): Port[] {
  if (category === "control") {
    const branch = (name: string): Port => ({ name, kind: "branch" });
    if (operation === "if") return [branch("true"), branch("false")];
    if (operation === "switch") return [...switchCases(config), "default"].map(branch);
    if (operation === "for_each") return [branch("each"), branch("done")];
    if (operation === "fail") return [];
  }
  return [OUTPUT];
}

function declaredInputs(category: string, operation: string | null): Port[] {
  if (category === "transform" && operation === "join") return [data("left"), data("right")];
  if (category === "connector" && (operation === "read" || operation === "select")) return [];
  return [INPUT];
}

export function portKind(name: string, kind = "data"): PortKind {
  if (name === "error" || name === "quarantine") return name;
  return kind === "branch" ? "branch" : "data";
}

const isAside = ({ kind }: Port) => kind === "error" || kind === "quarantine";

function withUsed(declared: Port[], used: Iterable<string>): Port[] {
  const ports = [...declared];
  for (const name of used) {
    if (!ports.some((port) => port.name === name)) ports.push({ name, kind: portKind(name) });
  }
  return ports;
}

/**
 * The ports to draw: those that the node's type declares, then those that edges use beside them. `success`
 * exists on many nodes and is drawn only where something hangs on it. Without a type, what is known of the
 * operation decides.
 */
export function portsOf(
  node: DiagramNode,
  edges: readonly DiagramEdge[],
  type: NodeType | null = null,
): Ports {
  const operation = operationOf(node.data);
  const category = node.data.nodeType;
  const incoming = edges.filter((edge) => edge.target === node.id).map((edge) => edge.targetHandle);
  const outgoing = edges.filter((edge) => edge.source === node.id).map((edge) => edge.sourceHandle);
  const inputs = type?.inputs?.map(({ name }) => data(name)) ?? declaredInputs(category, operation);
  const declared =
    type?.outputs?.map(({ name, kind }) => ({ name, kind: portKind(name, kind) })) ??
    declaredOutputs(category, operation, node.data.config);
  const outputs = withUsed(declared, outgoing);
  return {
    inputs: withUsed(inputs, incoming),
    outputs: outputs.filter((port) => !isAside(port)),
    aside: withUsed(outputs.filter(isAside), type === null ? [] : ["error"]),
  };
}

/** Ports of every node in one pass over the edges. */
export function portsByNode(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
  typeOf: (node: DiagramNode) => NodeType | null = () => null,
): Map<string, Ports> {
  const touching = new Map<string, DiagramEdge[]>();
  for (const edge of edges) {
    for (const id of new Set([edge.source, edge.target])) {
      const known = touching.get(id);
      if (known) known.push(edge);
      else touching.set(id, [edge]);
    }
  }
  return new Map(nodes.map((node) => [node.id, portsOf(node, touching.get(node.id) ?? [], typeOf(node))]));
}
