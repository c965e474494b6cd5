import { createContext } from "react";
import type { Position } from "~/graph/diagram";

/** What parts of the canvas may ask for; it never changes while a workflow is open, so nothing is drawn anew. */
export interface CanvasDoing {
  /** Ask for a node to put into an edge; null where one may only look. */
  insert: ((edge: string, screen: Position) => void) | null;
}

export const CanvasDoingContext = createContext<CanvasDoing>({ insert: null });
export const CanvasActions = CanvasDoingContext.Provider;
