/** The list that React Flow draws: nodes and notes, changed only where something changed. */

import type { Edge, Node, NodeChange, NodeHandle } from "@xyflow/react";
import { type DrawnEdgeData, type DrawnNode, type DrawnNodeData, redraw } from "~/graph/drawing";
import type { Note } from "~/graph/editing/notes";
import type { NoteData } from "./NoteCard";

export type CanvasNode =
  | (Node<DrawnNodeData, "uzo"> & {
      type: "uzo";
      width: number;
      height: number;
      ariaLabel: string;
      handles: NodeHandle[];
    })
  | (Node<NoteData, "note"> & { type: "note" });
export type CanvasEdge = Edge<DrawnEdgeData, "uzo">;

const drawn = new WeakMap<Note, CanvasNode>();

/** Frames lie behind everything, notes behind the nodes. */
export function drawNotes(notes: readonly Note[]): CanvasNode[] {
  return notes.map((note) => {
    const known = drawn.get(note);
    if (known) return known;
    const made: CanvasNode = {
      id: note.id,
      type: "note",
      position: note.position,
      width: note.width,
      height: note.height,
      zIndex: note.kind === "group" ? -2 : -1,
      ariaLabel: note.text || note.kind,
      data: { note },
    };
    drawn.set(note, made);
    return made;
  });
}

const selecting = <T extends CanvasNode>(node: T, selected: ReadonlySet<string>): T =>
  (node.selected ?? false) === selected.has(node.id) ? node : { ...node, selected: selected.has(node.id) };

export function mergeNodes(
  known: readonly CanvasNode[],
  nodes: readonly DrawnNode[],
  notes: readonly CanvasNode[],
  selected: ReadonlySet<string>,
): CanvasNode[] {
  type Card = Extract<CanvasNode, { type: "uzo" }>;
  const cards = known.filter((node): node is Card => node.type === "uzo");
  const old = new Map(known.map((node) => [node.id, node]));
  const kept = notes.map((note): CanvasNode => {
    const before = old.get(note.id);
    if (before?.type !== "note" || note.type !== "note") return note;
    const same = before.data.note === note.data.note && before.position === note.position;
    return same ? before : { ...before, ...note };
  });
  return [...kept, ...redraw<Card & DrawnNode>(cards as (Card & DrawnNode)[], nodes)].map((node) =>
    selecting(node, selected),
  );
}

/** What is selected after React Flow's changes; null where they were about other things. */
export function selectedAfter(
  before: ReadonlySet<string>,
  changes: readonly NodeChange<CanvasNode>[],
): Set<string> | null {
  let after: Set<string> | null = null;
  for (const change of changes) {
    if (change.type !== "select") continue;
    after ??= new Set(before);
    if (change.selected) after.add(change.id);
    else after.delete(change.id);
  }
  return after;
}
