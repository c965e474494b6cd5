/** Copy and paste: parts of a diagram as JSON text, between workflows, browsers and editors. */

import type { Position } from "../diagram";
import { appendParts, GRID, labelsIn, onGrid, placeOf, usedEdgeIds, usedIds } from "./commands";
import { edgeId, freeId, freeLabel } from "./naming";
import { idOf, isJson, type Json, type RawDiagram, rawEdges, rawNodes, rawNotes } from "./raw";

/** So many nodes may be pasted at once; the server takes no more in a diagram. */
export const MOST = 20_000;

export interface Clip {
  nodes: readonly Json[];
  edges: readonly Json[];
  annotations: readonly Json[];
}

/** The selected nodes and notes with the edges among them; null where nothing is selected. */
export function copy(diagram: RawDiagram, selected: ReadonlySet<string>): Clip | null {
  const chosen = (part: unknown): part is Json => isJson(part) && selected.has(idOf(part) ?? "");
  const nodes = rawNodes(diagram).filter(chosen);
  const annotations = rawNotes(diagram).filter(chosen);
  if (nodes.length + annotations.length === 0) return null;
  const inside = new Set(nodes.map(idOf));
  const edges = rawEdges(diagram)
    .filter(isJson)
    .filter(({ source, target }) => inside.has(String(source)) && inside.has(String(target)));
  return { nodes, edges, annotations };
}

export const asText = (clip: Clip): string =>
  JSON.stringify(
    {
      nodes: clip.nodes,
      edges: clip.edges,
      ...(clip.annotations.length > 0 && { annotations: clip.annotations }),
    },
    null,
    2,
  );

const parts = (value: unknown): Json[] | null =>
  value === undefined ? [] : Array.isArray(value) && value.every(isJson) ? value : null;

/** What a text on the clipboard holds, if it is a diagram or a part of one; else null. */
export function readClip(text: string): Clip | null {
  if (!text.trimStart().startsWith("{")) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const body = isJson(value) && isJson(value.workflow_diagram) ? value.workflow_diagram : value;
  if (!isJson(body)) return null;
  const [nodes, edges, annotations] = [parts(body.nodes), parts(body.edges), parts(body.annotations)];
  if (nodes === null || edges === null || annotations === null) return null;
  const named = [...nodes, ...annotations].every((part) => idOf(part) !== null);
  const count = nodes.length + annotations.length;
  return named && count > 0 && count <= MOST ? { nodes, edges, annotations } : null;
}

export interface Pasted {
  diagram: RawDiagram;
  /** Ids of the new nodes and notes. */
  ids: Set<string>;
}

function shiftOf(diagram: RawDiagram, clip: Clip, at: Position | null): Position {
  const places = [...clip.nodes, ...clip.annotations].flatMap((part) => placeOf(part) ?? []);
  if (places.length === 0) return { x: 0, y: 0 };
  const corner = { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
  if (at !== null) {
    const to = onGrid(at);
    return { x: to.x - corner.x, y: to.y - corner.y };
  }
  // Beside the original, and beside an earlier copy of it.
  const taken = new Set(
    [...rawNodes(diagram), ...rawNotes(diagram)].flatMap((part) => {
      const place = placeOf(part);
      return place === null ? [] : [`${place.x}:${place.y}`];
    }),
  );
  let shift = 0;
  while (places.some(({ x, y }) => taken.has(`${x + shift}:${y + shift}`))) shift += 2 * GRID;
  return { x: shift, y: shift };
}

/**
 * Put a clip into a diagram with ids and labels of its own. What pasted nodes say of each other by
 * `inputVariable` and `rightVariable` follows the new ids; what they say of others stays.
 */
export function paste(diagram: RawDiagram, clip: Clip, at: Position | null = null): Pasted {
  const shift = shiftOf(diagram, clip, at);
  const used = usedIds(diagram);
  const labels = labelsIn(diagram);
  const renamed = new Map<string, string>();
  for (const part of [...clip.nodes, ...clip.annotations]) {
    const id = freeId(String(part.id), used);
    used.add(id);
    renamed.set(String(part.id), id);
  }
  const placed = (part: Json): Json => {
    const place = placeOf(part) ?? { x: 0, y: 0 };
    const position = isJson(part.position) ? part.position : {};
    return {
      ...part,
      id: renamed.get(String(part.id)),
      position: { ...position, x: place.x + shift.x, y: place.y + shift.y },
    };
  };
  const nodes = clip.nodes.map((node) => {
    const made = placed(node);
    if (!isJson(made.data)) return made;
    const label = typeof made.data.label === "string" ? freeLabel(made.data.label, labels) : undefined;
    if (label !== undefined) labels.add(label);
    const data = label === undefined ? made.data : { ...made.data, label };
    return { ...made, data: withNewNames(data, renamed) };
  });
  const edgeIds = usedEdgeIds(diagram);
  const edges = clip.edges.flatMap((edge) => {
    const [source, target] = [renamed.get(String(edge.source)), renamed.get(String(edge.target))];
    if (source === undefined || target === undefined) return [];
    const handle = (key: string, usual: string) => (typeof edge[key] === "string" ? edge[key] : usual);
    const id = edgeId(
      {
        source,
        target,
        sourceHandle: handle("sourceHandle", "output"),
        targetHandle: handle("targetHandle", "input"),
      },
      edgeIds,
    );
    edgeIds.add(id);
    return [{ ...edge, id, source, target }];
  });
  const annotations = clip.annotations.map(placed);
  const made = appendParts(appendParts(diagram, "nodes", nodes), "edges", edges);
  return { diagram: appendParts(made, "annotations", annotations), ids: new Set(renamed.values()) };
}

function withNewNames(data: Json, renamed: ReadonlyMap<string, string>): Json {
  if (!isJson(data.config)) return data;
  const config = { ...data.config };
  for (const key of ["inputVariable", "rightVariable"]) {
    const to = typeof config[key] === "string" ? renamed.get(config[key]) : undefined;
    if (to !== undefined) config[key] = to;
  }
  return { ...data, config };
}

/** Copy and paste in one: the copies beside the originals. */
export function duplicate(diagram: RawDiagram, selected: ReadonlySet<string>): Pasted {
  const clip = copy(diagram, selected);
  return clip === null ? { diagram, ids: new Set() } : paste(diagram, clip);
}
