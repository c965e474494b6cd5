/** Nodes as plain boxes: what is drawn of a large graph before its nodes are there. */

import type { Position } from "./diagram";

interface Box {
  position: Position;
  width: number;
  height: number;
}

/** One path of all boxes of a kind. */
export function nodeShapes<T extends Box>(
  boxes: readonly T[],
  kindOf: (box: T) => string,
): Map<string, string> {
  const parts = new Map<string, string>();
  for (const box of boxes) {
    const { position, width, height } = box;
    const kind = kindOf(box);
    const path = `M${position.x} ${position.y}h${width}v${height}h${-width}z`;
    parts.set(kind, (parts.get(kind) ?? "") + path);
  }
  return parts;
}
