/** How much of a node is drawn: from far away, and among many, less. */

export type Detail = "full" | "name" | "shape";

/** A graph of so few nodes is drawn in full at any distance. */
export const MANY = 200;
/** Below this zoom of many nodes only names can be read, below the other not even those. */
const NAMES = 0.45;
const SHAPES = 0.25;

export function detailAt(zoom: number, nodes: number): Detail {
  if (nodes <= MANY || zoom >= NAMES) return "full";
  return zoom >= SHAPES ? "name" : "shape";
}

const RANK: Record<Detail, number> = { shape: 0, name: 1, full: 2 };

/** While one moves less may be drawn than before, never more: that waits until one stops. */
export const whileMoving = (before: Detail, wanted: Detail): Detail =>
  RANK[wanted] < RANK[before] ? wanted : before;
