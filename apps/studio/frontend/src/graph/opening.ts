/** What part of a graph one sees first: all of it if that can be read, else its beginning. */

import type { Position } from "./diagram";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

/** Below this zoom the names on nodes are too small to read. */
export const READABLE = 0.56;

export interface Room {
  width: number;
  height: number;
}

/** Pixels on each side that stay free: for the tools above, the figures below the last node. */
export interface Margins {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const MARGINS: Margins = { top: 60, right: 28, bottom: 40, left: 28 };

export interface View extends Position {
  zoom: number;
}

interface Box extends Position {
  width?: number;
  height?: number;
}

const middle = (from: number, size: number, at: number, room: number): number =>
  size <= room ? at + (room - size) / 2 - from : at - from;

/** The graph as large as it fits, at most in its real size and not below `least`. */
export function openingView(boxes: readonly Box[], room: Room, least: number, margins = MARGINS): View {
  if (boxes.length === 0) return { x: 0, y: 0, zoom: 1 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width = NODE_WIDTH, height = NODE_HEIGHT } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  const wide = Math.max(1, room.width - margins.left - margins.right);
  const high = Math.max(1, room.height - margins.top - margins.bottom);
  const zoom = Math.max(least, Math.min(1, wide / (right - left), high / (bottom - top)));
  return {
    x: middle(left * zoom, (right - left) * zoom, margins.left, wide),
    y: middle(top * zoom, (bottom - top) * zoom, margins.top, high),
    zoom,
  };
}
