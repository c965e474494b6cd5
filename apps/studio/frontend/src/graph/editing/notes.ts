/**
 * What people write on the canvas: sticky notes, and frames that group nodes. They stand in the diagram's
 * own key `annotations`, so that no run ever takes them for nodes.
 */

import type { Position } from "../diagram";
import { around, type Box, boxOf } from "./arranging";
import { type Added, appendParts, changeNote, onGrid, placeOf, usedIds } from "./commands";
import { freeId } from "./naming";
import { idOf, isJson, type RawDiagram, rawNodes, rawNotes, withKey, withPath } from "./raw";

export const TINTS = ["yellow", "blue", "green", "pink", "gray"] as const;
export type Tint = (typeof TINTS)[number];

export interface Note {
  id: string;
  kind: "note" | "group";
  position: Position;
  width: number;
  height: number;
  text: string;
  tint: Tint;
}

const NOTE_SIZE = { width: 240, height: 140 };
export const LEAST = { width: 120, height: 60 };
const PADDING = 40;
/** Room for the frame's title. */
const HEAD = 24;

const size = (value: unknown, usual: number, least: number) =>
  typeof value === "number" && Number.isFinite(value) ? Math.max(value, least) : usual;

const known = new WeakMap<object, Note | null>();

function readNote(part: unknown): Note | null {
  const id = idOf(part);
  const position = placeOf(part);
  if (id === null || position === null || !isJson(part)) return null;
  const data = isJson(part.data) ? part.data : {};
  return {
    id,
    kind: part.type === "group" ? "group" : "note",
    position,
    width: size(part.width, NOTE_SIZE.width, LEAST.width),
    height: size(part.height, NOTE_SIZE.height, LEAST.height),
    text: typeof data.text === "string" ? data.text : "",
    tint: TINTS.find((tint) => tint === data.tint) ?? (part.type === "group" ? "gray" : "yellow"),
  };
}

/** The notes and frames of a diagram; the same objects as long as nothing about them changes. */
export function notesOf(diagram: RawDiagram): Note[] {
  return rawNotes(diagram).flatMap((part) => {
    if (!isJson(part)) return [];
    let note = known.get(part);
    if (note === undefined) {
      note = readNote(part);
      known.set(part, note);
    }
    return note ?? [];
  });
}

export function addNote(diagram: RawDiagram, at: Position, text = ""): Added {
  const id = freeId("note", usedIds(diagram));
  const note = { id, type: "note", position: onGrid(at), ...NOTE_SIZE, data: { text, tint: "yellow" } };
  return { diagram: appendParts(diagram, "annotations", [note]), id };
}

const boxesOfNodes = (diagram: RawDiagram): Box[] =>
  rawNodes(diagram).flatMap((node) => {
    const [id, place] = [idOf(node), placeOf(node)];
    return id !== null && place !== null ? [boxOf(id, place)] : [];
  });

/** A frame round the selected nodes; null where none is selected. */
export function group(diagram: RawDiagram, selected: ReadonlySet<string>, text: string): Added | null {
  const frame = around(boxesOfNodes(diagram).filter(({ id }) => selected.has(id)));
  if (frame === null) return null;
  const id = freeId("group", usedIds(diagram));
  const made = {
    id,
    type: "group",
    position: { x: frame.x - PADDING, y: frame.y - PADDING - HEAD },
    width: frame.width + 2 * PADDING,
    height: frame.height + 2 * PADDING + HEAD,
    data: { text, tint: "gray" },
  };
  return { diagram: appendParts(diagram, "annotations", [made]), id };
}

/** Ids of the nodes and notes that lie wholly inside a frame: they move with it. */
export function inside(diagram: RawDiagram, frame: Note): Set<string> {
  const boxes = [
    ...boxesOfNodes(diagram),
    ...notesOf(diagram)
      .filter(({ id }) => id !== frame.id)
      .map(({ id, position, width, height }) => boxOf(id, position, width, height)),
  ];
  const { x, y } = frame.position;
  return new Set(
    boxes
      .filter(
        (box) =>
          box.x >= x &&
          box.y >= y &&
          box.x + box.width <= x + frame.width &&
          box.y + box.height <= y + frame.height,
      )
      .map(({ id }) => id),
  );
}

export const write = (diagram: RawDiagram, id: string, text: string): RawDiagram =>
  changeNote(diagram, id, (note) => withPath(note, ["data", "text"], text));

export const tint = (diagram: RawDiagram, id: string, to: Tint): RawDiagram =>
  changeNote(diagram, id, (note) => withPath(note, ["data", "tint"], to));

export function resize(
  diagram: RawDiagram,
  id: string,
  { x, y, width, height }: Position & { width: number; height: number },
): RawDiagram {
  return changeNote(diagram, id, (note) => {
    const at = placeOf(note);
    const moved = at?.x === x && at.y === y ? note : withKey(note, "position", { x, y });
    return withKey(withKey(moved, "width", Math.round(width)), "height", Math.round(height));
  });
}
