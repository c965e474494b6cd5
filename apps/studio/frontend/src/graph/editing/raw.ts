/**
 * The diagram as it is stored, for changing it. Everything unknown stays: a change copies the objects on
 * its way and nothing else, so keys keep their order and untouched parts stay the same objects.
 */

export type Json = Record<string, unknown>;

/** A stored diagram; `nodes` and `edges` may be anything, other keys are carried along. */
export type RawDiagram = Readonly<Json>;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const rawNodes = (diagram: RawDiagram): readonly unknown[] => list(diagram.nodes);
export const rawEdges = (diagram: RawDiagram): readonly unknown[] => list(diagram.edges);
export const rawNotes = (diagram: RawDiagram): readonly unknown[] => list(diagram.annotations);

export const idOf = (part: unknown): string | null =>
  isJson(part) && typeof part.id === "string" && part.id !== "" ? part.id : null;

/** Both lists are there, whatever was stored. */
export function asDiagram(stored: unknown): RawDiagram {
  const given = isJson(stored) ? stored : {};
  return Array.isArray(given.nodes) && Array.isArray(given.edges)
    ? given
    : { ...given, nodes: list(given.nodes), edges: list(given.edges) };
}

type Lists = "nodes" | "edges" | "annotations";

/** Change parts of one list by id; the diagram itself where nothing changed. */
export function changeParts(
  diagram: RawDiagram,
  key: Lists,
  ids: ReadonlySet<string>,
  change: (part: Json) => Json,
): RawDiagram {
  let changed = false;
  const next = list(diagram[key]).map((part) => {
    const id = idOf(part);
    if (id === null || !ids.has(id)) return part;
    const made = change(part as Json);
    changed ||= made !== part;
    return made;
  });
  return changed ? { ...diagram, [key]: next } : diagram;
}

/** A copy with one key set; the object itself where it has that value already. */
export function withKey(object: Json, key: string, value: unknown): Json {
  if (value === undefined) {
    if (!(key in object)) return object;
    const { [key]: _, ...rest } = object;
    return rest;
  }
  return Object.is(object[key], value) ? object : { ...object, [key]: value };
}

/** A copy with the value at a path set; objects on the way are made where they are missing. */
export function withPath(object: Json, path: readonly string[], value: unknown): Json {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) return withKey(object, key, value);
  const inner = isJson(object[key]) ? (object[key] as Json) : {};
  return withKey(object, key, withPath(inner, rest, value));
}

/** Whether two diagrams mean the same: places, notes and the view are no part of the meaning. */
export function sameMeaning(one: RawDiagram, other: RawDiagram): boolean {
  if (one === other) return true;
  const [mine, theirs] = [rawNodes(one), rawNodes(other)];
  const [edges, others] = [rawEdges(one), rawEdges(other)];
  return (
    mine.length === theirs.length &&
    edges.length === others.length &&
    edges.every((edge, index) => edge === others[index]) &&
    mine.every((node, index) => sameNode(node, theirs[index]))
  );
}

function sameNode(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return isJson(one) && isJson(other) && one.id === other.id && one.data === other.data;
}
