/** A diagram small enough to be a picture: boxes with an icon, and the lines between them. */

import { type Diagram, operationOf } from "./diagram";
import { placesOf } from "./layout";

/** A step of the canvas' grid, and what becomes of it. */
const COLUMN = 272;
const LANE = 128;
const ACROSS = 50;
const DOWN = 36;
const MARGIN = 6;

/** Of a box. */
export const BOX = { width: 32, height: 24 } as const;

export interface Box {
  id: string;
  x: number;
  y: number;
  category: string;
  operation: string | null;
  icon: string | null;
}

export interface Sketch {
  width: number;
  height: number;
  boxes: Box[];
  /** SVG paths. */
  lines: { id: string; path: string; failed: boolean }[];
}

/** Where everything of a diagram is in its picture; gaps that are wider than the grid's are not kept. */
export function sketch(diagram: Diagram): Sketch {
  const places = placesOf(diagram.nodes, diagram.edges);
  const all = [...places.values()];
  const left = Math.min(...all.map(({ x }) => x), Number.POSITIVE_INFINITY);
  const top = Math.min(...all.map(({ y }) => y), Number.POSITIVE_INFINITY);
  const boxes = diagram.nodes.map(({ id, data }) => {
    const { x, y } = places.get(id) ?? { x: left, y: top };
    return {
      id,
      x: MARGIN + ((x - left) / COLUMN) * ACROSS,
      y: MARGIN + ((y - top) / LANE) * DOWN,
      category: data.nodeType,
      operation: operationOf(data),
      icon: data.icon,
    };
  });
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const lines = diagram.edges.flatMap(({ id, source, target, sourceHandle }) => {
    const from = byId.get(source);
    const to = byId.get(target);
    return from && to ? [{ id, path: path(from, to), failed: sourceHandle === "error" }] : [];
  });
  return {
    width: Math.max(...boxes.map(({ x }) => x), 0) + BOX.width + MARGIN,
    height: Math.max(...boxes.map(({ y }) => y), 0) + BOX.height + MARGIN,
    boxes,
    lines,
  };
}

function path(from: Box, to: Box): string {
  const [x, y] = [from.x + BOX.width, from.y + BOX.height / 2];
  const end = to.y + BOX.height / 2;
  const bend = Math.max(8, (to.x - x) / 2);
  return `M${x} ${y}C${x + bend} ${y} ${to.x - bend} ${end} ${to.x} ${end}`;
}
