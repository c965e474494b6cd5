/** Which edges may be drawn: between which ports, and never in a ring. */

import { type DiagramEdge, type DiagramNode, operationOf } from "../diagram";
import { portsOf } from "../ports";
import type { Ends } from "./naming";
import { keyOf, type NodeType } from "./palette";

export type Refusal = "itself" | "cycle" | "twice" | "taken" | "no_input" | "no_output" | "gone";

export interface Drawn {
  nodes: readonly DiagramNode[];
  edges: readonly DiagramEdge[];
}

type Types = ReadonlyMap<string, NodeType>;

export const typeOf = (node: DiagramNode, types: Types): NodeType | null =>
  types.get(keyOf({ category: node.data.nodeType, operation: operationOf(node.data) ?? "" })) ?? null;

/** True where a path leads from one node to the other. */
export function reaches(edges: readonly DiagramEdge[], from: string, to: string): boolean {
  const out = new Map<string, string[]>();
  for (const { source, target } of edges) out.set(source, [...(out.get(source) ?? []), target]);
  const seen = new Set<string>();
  const waiting = [from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(out.get(id) ?? []));
  }
  return false;
}

/** A node and everything that its rows come from. */
export function withUpstream(edges: readonly DiagramEdge[], id: string): Set<string> {
  const into = new Map<string, string[]>();
  for (const { source, target } of edges) into.set(target, [...(into.get(target) ?? []), source]);
  const found = new Set<string>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(into.get(next) ?? []));
  }
  return found;
}

/** Whether any number of edges may end at the port. */
function takesMany(node: DiagramNode, port: string, types: Types): boolean {
  const type = typeOf(node, types);
  const input = type?.inputs?.find(({ name }) => name === port);
  return input?.many ?? false;
}

/** Why an edge may not be drawn, or null. An input that takes one edge and has one is `taken`. */
export function refusal(drawn: Drawn, ends: Ends, types: Types): Refusal | null {
  const { source, target, sourceHandle, targetHandle } = ends;
  if (source === target) return "itself";
  const from = drawn.nodes.find(({ id }) => id === source);
  const to = drawn.nodes.find(({ id }) => id === target);
  if (from === undefined || to === undefined) return "gone";
  // `success` and `error` exist on every node; the others are those it declares.
  const { outputs, aside } = portsOf(from, drawn.edges, typeOf(from, types));
  const known = [...outputs, ...aside].some(({ name }) => name === sourceHandle);
  if (!known && sourceHandle !== "success" && sourceHandle !== "error") return "no_output";
  const inputs = portsOf(to, [], typeOf(to, types)).inputs.map(({ name }) => name);
  if (!inputs.includes(targetHandle)) return "no_input";
  const same = drawn.edges.filter((edge) => edge.target === target && edge.targetHandle === targetHandle);
  if (same.some((edge) => edge.source === source && edge.sourceHandle === sourceHandle)) return "twice";
  if (reaches(drawn.edges, target, source)) return "cycle";
  if (same.length > 0 && !takesMany(to, targetHandle, types)) return "taken";
  return null;
}

/** Where an edge may begin or end: an input that is taken counts, since the new edge replaces the old. */
export const allowed = (found: Refusal | null): boolean => found === null || found === "taken";

/** The first free input of a node, else the first; null where it has none. */
export function openInput(drawn: Drawn, node: DiagramNode, types: Types): string | null {
  const { inputs } = portsOf(node, [], typeOf(node, types));
  const taken = new Set(
    drawn.edges.filter(({ target }) => target === node.id).map(({ targetHandle }) => targetHandle),
  );
  return (inputs.find(({ name }) => !taken.has(name)) ?? inputs[0])?.name ?? null;
}

/** Everything an edge from that port may lead to, in the order of the diagram: for connecting by keyboard. */
export function targetsOf(
  drawn: Drawn,
  source: string,
  sourceHandle: string,
  types: Types,
): { node: DiagramNode; port: string; replaces: boolean }[] {
  return drawn.nodes.flatMap((node) =>
    portsOf(node, [], typeOf(node, types)).inputs.flatMap(({ name }) => {
      const found = refusal(drawn, { source, sourceHandle, target: node.id, targetHandle: name }, types);
      return allowed(found) ? [{ node, port: name, replaces: found === "taken" }] : [];
    }),
  );
}
