/** Where the handles of a node lie, by its ports alone: nothing has to be drawn and measured first. */

import type { DiagramEdge, Position } from "./diagram";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";
import type { Ports } from "./ports";

export type Side = "left" | "right" | "bottom";

export interface HandlePlace {
  id: string;
  type: "source" | "target";
  position: Side;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** As NodeCard.module.css has them. */
const SIZE = 9;
const BORDER = 1;
const ASIDE = 28;

/** Share of the height at which a port of so many stands. */
export const portShare = (index: number, all: number): number => (index + 1) / (all + 1);

/** How far from the right a port below the node stands. */
export const asideInset = (index: number): number => ASIDE + index * ASIDE;

/** Top left corners, relative to the node's. */
export function handlePlaces({ inputs, outputs, aside }: Ports): HandlePlace[] {
  const at = (id: string, type: "source" | "target", position: Side, x: number, y: number): HandlePlace => ({
    id,
    type,
    position,
    x: x - SIZE / 2,
    y: y - SIZE / 2,
    width: SIZE,
    height: SIZE,
  });
  const top = (index: number, all: number) => BORDER + (NODE_HEIGHT - 2 * BORDER) * portShare(index, all);
  return [
    ...inputs.map(({ name }, index) => at(name, "target", "left", BORDER, top(index, inputs.length))),
    ...outputs.map(({ name }, index) =>
      at(name, "source", "right", NODE_WIDTH - BORDER, top(index, outputs.length)),
    ),
    ...aside.map(({ name }, index) =>
      at(name, "source", "bottom", NODE_WIDTH - BORDER - asideInset(index), NODE_HEIGHT - BORDER),
    ),
  ];
}

/** How far an edge that leads back runs on before it turns. */
export const WAY_OUT = 20;

/** True where the target lies behind the source: then the edge goes round, between the rows. */
export const leadsBack = (sourceX: number, targetX: number): boolean => targetX < sourceX + WAY_OUT;

function line(from: Position, to: Position): string {
  if (leadsBack(from.x, to.x)) {
    return `M${from.x} ${from.y}h${WAY_OUT}V${(from.y + to.y) / 2}H${to.x - WAY_OUT}V${to.y}H${to.x}`;
  }
  const bend = Math.max(24, (to.x - from.x) / 2);
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

interface Placed {
  id: string;
  position: Position;
  handles?: readonly HandlePlace[];
}

/** `kind` of a line → one path of all lines of that kind. */
export function edgeLines(
  nodes: readonly Placed[],
  edges: readonly DiagramEdge[],
  kindOf: (edge: DiagramEdge) => string,
): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const end = (id: string, type: "source" | "target", name: string): Position | null => {
    const node = byId.get(id);
    const handle = node?.handles?.find((each) => each.type === type && each.id === name);
    if (!node || !handle) return null;
    return { x: node.position.x + handle.x + SIZE / 2, y: node.position.y + handle.y + SIZE / 2 };
  };
  const parts = new Map<string, string[]>();
  for (const edge of edges) {
    const from = end(edge.source, "source", edge.sourceHandle);
    const to = end(edge.target, "target", edge.targetHandle);
    if (from === null || to === null) continue;
    const kind = kindOf(edge);
    const known = parts.get(kind);
    if (known) known.push(line(from, to));
    else parts.set(kind, [line(from, to)]);
  }
  return new Map([...parts].map(([kind, curves]) => [kind, curves.join("")]));
}
