import { createContext } from "react";
import type { Detail } from "~/graph/detail";
import type { Position } from "~/graph/diagram";
import type { Part } from "~/graph/plan";

/** What parts of the canvas may ask for; it never changes while a workflow is open, so nothing is drawn anew. */
export interface CanvasDoing {
  /** Ask for a node to put into an edge; null where one may only look. */
  insert: ((edge: string, screen: Position) => void) | null;
}

export const CanvasDoingContext = createContext<CanvasDoing>({ insert: null });
export const CanvasActions = CanvasDoingContext.Provider;

/** How much of each node is drawn; changes only when one comes nearer or goes further away. */
export const CanvasDetail = createContext<Detail>("full");

/** Nodes of an earlier version that the current one does not have, or has otherwise. */
export type Mark = "removed" | "changed";
export const CanvasMarks = createContext<ReadonlyMap<string, Mark>>(new Map());

/** What the plan says of each node, where it is shown. */
export const CanvasPlan = createContext<ReadonlyMap<string, Part>>(new Map());
