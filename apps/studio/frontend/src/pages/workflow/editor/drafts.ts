/** What is not saved yet, kept in this browser: a crash, a closed tab or a lost network loses nothing. */

import { asDiagram, isJson, type RawDiagram } from "~/graph/editing/raw";

interface Draft {
  /** The version that was changed. */
  version: number;
  diagram: RawDiagram;
}

const keyOf = (workflow: string) => `uzo-draft-${workflow}`;

export function keepDraft(workflow: string, version: number, diagram: RawDiagram): void {
  try {
    window.localStorage.setItem(keyOf(workflow), JSON.stringify({ version, diagram }));
  } catch {
    // Storage is full or forbidden: autosave and the warning on leaving remain.
  }
}

export function forgetDraft(workflow: string): void {
  try {
    window.localStorage.removeItem(keyOf(workflow));
  } catch {
    // As above: there is none then.
  }
}

export function readDraft(workflow: string): Draft | null {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(keyOf(workflow)) ?? "null");
    if (!isJson(value) || typeof value.version !== "number" || !isJson(value.diagram)) return null;
    return { version: value.version, diagram: asDiagram(value.diagram) };
  } catch {
    return null;
  }
}
