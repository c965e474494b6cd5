/** The handles of a node: which are drawn, and in which order. */

import type { DiagramEdge, DiagramNode } from "./diagram";
import { operationOf } from "./diagram";

export type PortKind = "data" | "branch" | "error" | "quarantine";

export interface Port {
  name: string;
  kind: PortKind;
}

export interface Ports {
  inputs: Port[];
  outputs: Port[];
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

function kindOf(name: string): PortKind {
  if (name === "error") return "error";
  return name === "quarantine" ? "quarantine" : "data";
}

function withUsed(declared: Port[], used: Iterable<string>): Port[] {
  const ports = [...declared];
  for (const name of used) {
    if (!ports.some((port) => port.name === name)) ports.push({ name, kind: kindOf(name) });
  }
  return ports;
}

/**
 * The ports to draw: those the operation declares, then those that edges use beside them. `success`,
 * `error` and `quarantine` exist on many nodes and are drawn only where something hangs on them.
 */
export function portsOf(node: DiagramNode, edges: readonly DiagramEdge[]): Ports {
  const operation = operationOf(node.data);
  const category = node.data.nodeType;
  const incoming = edges.filter((edge) => edge.target === node.id).map((edge) => edge.targetHandle);
  const outgoing = edges.filter((edge) => edge.source === node.id).map((edge) => edge.sourceHandle);
  return {
    inputs: withUsed(declaredInputs(category, operation), incoming),
    outputs: withUsed(declaredOutputs(category, operation, node.data.config), outgoing),
  };
}

/** Ports of every node in one pass over the edges. */
export function portsByNode(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
): Map<string, Ports> {
  const touching = new Map<string, DiagramEdge[]>();
  for (const edge of edges) {
    for (const id of new Set([edge.source, edge.target])) {
      const known = touching.get(id);
      if (known) known.push(edge);
      else touching.set(id, [edge]);
    }
  }
  return new Map(nodes.map((node) => [node.id, portsOf(node, touching.get(node.id) ?? [])]));
}
