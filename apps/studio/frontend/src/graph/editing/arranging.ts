/** Aligning, spreading and nudging what is selected. */

import type { Position } from "../diagram";
import { NODE_HEIGHT, NODE_WIDTH } from "../layout";

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Side = "left" | "center" | "right" | "top" | "middle" | "bottom";

export const boxOf = (id: string, { x, y }: Position, width = NODE_WIDTH, height = NODE_HEIGHT): Box => ({
  id,
  x,
  y,
  width,
  height,
});

export function around(boxes: readonly Box[]): Omit<Box, "id"> | null {
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

const places = (boxes: readonly Box[], place: (box: Box) => Position): Map<string, Position> =>
  new Map(boxes.map((box) => [box.id, place(box)]));

/** Places that bring one side, or the middles, of all boxes onto one line. */
export function align(boxes: readonly Box[], side: Side): Map<string, Position> {
  const frame = around(boxes);
  if (frame === null) return new Map();
  return places(boxes, ({ x, y, width, height }) => {
    switch (side) {
      case "left":
        return { x: frame.x, y };
      case "center":
        return { x: Math.round(frame.x + (frame.width - width) / 2), y };
      case "right":
        return { x: frame.x + frame.width - width, y };
      case "top":
        return { x, y: frame.y };
      case "middle":
        return { x, y: Math.round(frame.y + (frame.height - height) / 2) };
      case "bottom":
        return { x, y: frame.y + frame.height - height };
    }
  });
}

/** Places with equal gaps between the boxes; the outermost two stay. */
export function distribute(boxes: readonly Box[], along: "x" | "y"): Map<string, Position> {
  const size = along === "x" ? "width" : "height";
  const sorted = [...boxes].sort((one, other) => one[along] - other[along]);
  const frame = around(sorted);
  if (frame === null || sorted.length < 3) return places(boxes, ({ x, y }) => ({ x, y }));
  const gap = (frame[size] - sorted.reduce((sum, box) => sum + box[size], 0)) / (sorted.length - 1);
  let at = frame[along];
  const found = new Map<string, Position>();
  for (const box of sorted) {
    found.set(box.id, { x: box.x, y: box.y, [along]: Math.round(at) });
    at += box[size] + gap;
  }
  return found;
}

export const nudge = (boxes: readonly Box[], by: Position): Map<string, Position> =>
  places(boxes, ({ x, y }) => ({ x: x + by.x, y: y + by.y }));

export type Direction = "left" | "right" | "up" | "down";

/** The nearest box in a direction, for walking with the arrow keys; what lies askew counts as farther. */
export function nearest(boxes: readonly Box[], from: Box, direction: Direction): Box | null {
  const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const start = middle(from);
  let best: { box: Box; far: number } | null = null;
  for (const box of boxes) {
    if (box.id === from.id) continue;
    const to = middle(box);
    const [dx, dy] = [to.x - start.x, to.y - start.y];
    const ahead = direction === "right" ? dx : direction === "left" ? -dx : direction === "down" ? dy : -dy;
    const aside = Math.abs(direction === "left" || direction === "right" ? dy : dx);
    if (ahead <= 0) continue;
    const far = ahead + aside * 2;
    if (best === null || far < best.far) best = { box, far };
  }
  return best?.box ?? null;
}
