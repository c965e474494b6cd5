/** Places for nodes of diagrams that say none: layers from left to right, few crossings. */

import type { DiagramEdge, DiagramNode, Position } from "./diagram";

/** Sizes in canvas pixels; a multiple of the 4-pixel grid. */
export const NODE_WIDTH = 216;
export const NODE_HEIGHT = 60;
const GAP_X = 88;
const GAP_Y = 56;

/** True where the places cannot be drawn: one is missing, or two nodes lie on each other. */
export function needsLayout(nodes: readonly DiagramNode[]): boolean {
  const seen = new Set<string>();
  for (const { position } of nodes) {
    if (position === null) return true;
    const key = `${Math.round(position.x / 16)}:${Math.round(position.y / 16)}`;
    if (seen.has(key)) return true;
    seen.add(key);
  }
  return false;
}

/** Longest path from a source, by node id; nodes on a cycle go behind what could be ordered. */
export function layersOf(nodes: readonly DiagramNode[], edges: readonly DiagramEdge[]): Map<string, number> {
  const waiting = new Map(nodes.map((node) => [node.id, 0]));
  const out = new Map<string, string[]>();
  for (const edge of edges) {
    waiting.set(edge.target, (waiting.get(edge.target) ?? 0) + 1);
    out.set(edge.source, [...(out.get(edge.source) ?? []), edge.target]);
  }
  const layer = new Map<string, number>();
  const ready = nodes.filter((node) => waiting.get(node.id) === 0).map((node) => node.id);
  for (const id of ready) layer.set(id, 0);
  for (let index = 0; index < ready.length; index += 1) {
    const id = ready[index] as string;
    for (const target of out.get(id) ?? []) {
      layer.set(target, Math.max(layer.get(target) ?? 0, (layer.get(id) ?? 0) + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  const ordered = new Set(ready);
  const last = ready.reduce((depth, id) => Math.max(depth, layer.get(id) ?? 0), -1);
  for (const node of nodes) if (!ordered.has(node.id)) layer.set(node.id, last + 1);
  return layer;
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function orderByNeighbours(
  column: string[],
  neighbours: Map<string, string[]>,
  place: Map<string, number>,
): void {
  const weight = new Map(
    column.map((id, index) => {
      const around = (neighbours.get(id) ?? []).flatMap((other) => place.get(other) ?? []);
      return [id, mean(around) ?? index] as const;
    }),
  );
  column.sort((one, other) => (weight.get(one) ?? 0) - (weight.get(other) ?? 0));
  column.forEach((id, index) => {
    place.set(id, index - (column.length - 1) / 2);
  });
}

/** A place for every node: layered by longest path, ordered by the mean of the neighbours (four sweeps). */
export function layered(nodes: readonly DiagramNode[], edges: readonly DiagramEdge[]): Map<string, Position> {
  const layer = layersOf(nodes, edges);
  const columns: string[][] = [];
  for (const node of nodes) {
    const index = layer.get(node.id) ?? 0;
    columns[index] = [...(columns[index] ?? []), node.id];
  }
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { source, target } of edges) {
    before.set(target, [...(before.get(target) ?? []), source]);
    after.set(source, [...(after.get(source) ?? []), target]);
  }
  const place = new Map<string, number>();
  for (const column of columns) if (column) orderByNeighbours(column, before, place);
  for (let sweep = 0; sweep < 2; sweep += 1) {
    for (const column of [...columns].reverse()) if (column) orderByNeighbours(column, after, place);
    for (const column of columns) if (column) orderByNeighbours(column, before, place);
  }
  return new Map(
    nodes.map((node) => [
      node.id,
      {
        x: (layer.get(node.id) ?? 0) * (NODE_WIDTH + GAP_X),
        y: (place.get(node.id) ?? 0) * (NODE_HEIGHT + GAP_Y),
      },
    ]),
  );
}

/** The places to draw at: the diagram's own, or the layout's where those cannot be drawn. */
export function placesOf(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
): Map<string, Position> {
  if (needsLayout(nodes)) return layered(nodes, edges);
  return new Map(nodes.flatMap((node) => (node.position ? [[node.id, node.position] as const] : [])));
}
