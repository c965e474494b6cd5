/** Auto-layout: what ELK is asked, and what its answer means. The engine itself runs in a worker. */

import type { DiagramEdge, DiagramNode, Position } from "../diagram";
import { NODE_HEIGHT, NODE_WIDTH } from "../layout";
import type { Ports } from "../ports";
import { onGrid } from "./commands";

export interface ElkNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  ports?: ElkPort[];
  children?: ElkNode[];
  edges?: { id: string; sources: string[]; targets: string[] }[];
  layoutOptions?: Record<string, string>;
}

interface ElkPort {
  id: string;
  layoutOptions: Record<string, string>;
}

/** What a layout engine does; ELK's own object fits. */
export interface Engine {
  layout(graph: ElkNode): Promise<ElkNode>;
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "88",
  "elk.spacing.nodeNode": "60",
  "elk.layered.spacing.edgeNodeBetweenLayers": "24",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  // Reading order: what stands first in the diagram comes first where crossings allow it.
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.separateConnectedComponents": "true",
  "elk.spacing.componentComponent": "80",
};

const port = (node: string, side: "in" | "out", name: string) => `${node}\u0000${side}\u0000${name}`;

export function askElk(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
  ports: ReadonlyMap<string, Ports>,
): ElkNode {
  const there = new Set(nodes.map(({ id }) => id));
  const sided = (id: string, side: "in" | "out", names: readonly { name: string }[]): ElkPort[] =>
    names.map(({ name }, index) => ({
      id: port(id, side, name),
      layoutOptions: {
        "elk.port.side": side === "in" ? "WEST" : "EAST",
        // Clockwise from the top left, so the west side counts from below.
        "elk.port.index": String(side === "in" ? names.length - index : index),
      },
    }));
  return {
    id: "root",
    layoutOptions: OPTIONS,
    children: nodes.map(({ id }) => {
      const own = ports.get(id);
      return {
        id,
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        layoutOptions: { "elk.portConstraints": "FIXED_ORDER" },
        ports: own
          ? [...sided(id, "in", own.inputs), ...sided(id, "out", [...own.outputs, ...own.aside])]
          : [],
      };
    }),
    edges: edges
      .filter(({ source, target }) => there.has(source) && there.has(target))
      .map(({ id, source, target, sourceHandle, targetHandle }) => ({
        id: `e\u0000${id}`,
        sources: [port(source, "out", sourceHandle)],
        targets: [port(target, "in", targetHandle)],
      })),
  };
}

/** Places from the answer, beginning at a corner, on the grid. */
export function readElk(answer: ElkNode, corner: Position = { x: 0, y: 0 }): Map<string, Position> {
  const placed = (answer.children ?? []).flatMap(({ id, x, y }) =>
    x === undefined || y === undefined ? [] : [{ id, x, y }],
  );
  const left = Math.min(...placed.map(({ x }) => x));
  const top = Math.min(...placed.map(({ y }) => y));
  return new Map(
    placed.map(({ id, x, y }) => [id, onGrid({ x: x - left + corner.x, y: y - top + corner.y })]),
  );
}
