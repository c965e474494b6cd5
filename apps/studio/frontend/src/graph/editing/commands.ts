/** Changes of a diagram, as pure functions: the stored diagram in, a new one out, everything unknown kept. */

import { type Position, readDiagram } from "../diagram";
import { NODE_HEIGHT, NODE_WIDTH, needsLayout, placesOf } from "../layout";
import { type Ends, edgeId, freeId, freeLabel } from "./naming";
import { keyOf, type NodeType } from "./palette";
import {
  changeParts,
  idOf,
  isJson,
  type Json,
  type RawDiagram,
  rawEdges,
  rawNodes,
  rawNotes,
  withPath,
} from "./raw";

/** Places lie on this grid. */
export const GRID = 20;
export const onGrid = ({ x, y }: Position): Position => ({
  x: Math.round(x / GRID) * GRID,
  y: Math.round(y / GRID) * GRID,
});

const ids = (parts: readonly unknown[]) => new Set(parts.flatMap((part) => idOf(part) ?? []));
/** Nodes and notes share the canvas, so they share their ids. */
export const usedIds = (diagram: RawDiagram) => ids([...rawNodes(diagram), ...rawNotes(diagram)]);
export const usedEdgeIds = (diagram: RawDiagram) => ids(rawEdges(diagram));

const dataOf = (node: unknown): Json => (isJson(node) && isJson(node.data) ? node.data : {});
export const labelsIn = (diagram: RawDiagram): Set<string> =>
  new Set(
    rawNodes(diagram).flatMap((node) => {
      const { label } = dataOf(node);
      return typeof label === "string" ? [label] : [];
    }),
  );

const handleOf = (edge: Json, key: "sourceHandle" | "targetHandle") =>
  typeof edge[key] === "string" && edge[key] !== "" ? edge[key] : key === "sourceHandle" ? "output" : "input";

const append = (diagram: RawDiagram, key: "nodes" | "edges" | "annotations", parts: readonly unknown[]) => {
  const known = key === "nodes" ? rawNodes(diagram) : key === "edges" ? rawEdges(diagram) : rawNotes(diagram);
  return parts.length === 0 ? diagram : { ...diagram, [key]: [...known, ...parts] };
};

export interface Added {
  diagram: RawDiagram;
  id: string;
}

/** A new node of a type with nothing set. */
export function addNode(diagram: RawDiagram, type: NodeType, position: Position): Added {
  const id = freeId(type.label, usedIds(diagram));
  const node = {
    id,
    type: "custom-node",
    position: onGrid(position),
    data: {
      label: freeLabel(type.label, labelsIn(diagram)),
      icon: type.icon,
      nodeType: type.category,
      category: type.category,
      config: { operation: type.operation },
      parameters: {},
      description: "",
      tags: [],
      version: 1,
      isLocked: false,
    },
  };
  return { diagram: append(diagram, "nodes", [node]), id };
}

/** A new edge; with `replace`, those that end at the same port go. Rules are `connecting`'s affair. */
export function connect(diagram: RawDiagram, ends: Ends, replace = false): RawDiagram {
  const { source, target, sourceHandle, targetHandle } = ends;
  const ending = (edge: unknown) =>
    isJson(edge) && edge.target === target && handleOf(edge, "targetHandle") === targetHandle;
  const kept = replace ? { ...diagram, edges: rawEdges(diagram).filter((edge) => !ending(edge)) } : diagram;
  const id = edgeId(ends, usedEdgeIds(kept));
  return append(kept, "edges", [
    { id, source, target, sourceHandle, targetHandle, type: "custom-edge", data: {} },
  ]);
}

/** Take away nodes, notes and edges, and the edges that would hang loose. */
export function remove(
  diagram: RawDiagram,
  gone: ReadonlySet<string>,
  edgesGone: ReadonlySet<string>,
): RawDiagram {
  const stays = (part: unknown) => !gone.has(idOf(part) ?? "");
  const edgeStays = (edge: unknown) =>
    !isJson(edge) ||
    !(edgesGone.has(idOf(edge) ?? "") || gone.has(String(edge.source)) || gone.has(String(edge.target)));
  const [nodes, edges, notes] = [rawNodes(diagram), rawEdges(diagram), rawNotes(diagram)];
  const [keptNodes, keptEdges, keptNotes] = [
    nodes.filter(stays),
    edges.filter(edgeStays),
    notes.filter(stays),
  ];
  if (
    keptNodes.length === nodes.length &&
    keptEdges.length === edges.length &&
    keptNotes.length === notes.length
  ) {
    return diagram;
  }
  return {
    ...diagram,
    nodes: keptNodes,
    edges: keptEdges,
    ...(notes.length > 0 && { annotations: keptNotes }),
  };
}

/** Take nodes out of chains: what came in by one edge goes on to where the one edge out led. */
export function removeAndBridge(diagram: RawDiagram, gone: ReadonlySet<string>): RawDiagram {
  let bridged = diagram;
  for (const id of gone) {
    const edges = rawEdges(bridged).filter(isJson);
    const into = edges.filter(({ target }) => target === id);
    const out = edges.filter((edge) => edge.source === id && handleOf(edge, "sourceHandle") === "output");
    bridged = remove(bridged, new Set([id]), new Set());
    const [one] = into;
    if (one === undefined || into.length !== 1) continue;
    for (const edge of out) {
      bridged = connect(bridged, {
        source: String(one.source),
        sourceHandle: handleOf(one, "sourceHandle"),
        target: String(edge.target),
        targetHandle: handleOf(edge, "targetHandle"),
      });
    }
  }
  return bridged;
}

/** Put nodes and notes somewhere; others stay. */
export function move(diagram: RawDiagram, places: ReadonlyMap<string, Position>): RawDiagram {
  const moved = new Set(places.keys());
  const put = (part: Json): Json => {
    const to = places.get(String(part.id)) as Position;
    const at = part.position;
    if (isJson(at) && at.x === to.x && at.y === to.y) return part;
    return { ...part, position: { ...(isJson(at) ? at : {}), x: to.x, y: to.y } };
  };
  return changeParts(changeParts(diagram, "nodes", moved, put), "annotations", moved, put);
}

/** Every node gets a place of its own where the diagram says none, or puts nodes on each other. */
export function settle(diagram: RawDiagram): RawDiagram {
  const { nodes, edges } = readDiagram(diagram);
  return needsLayout(nodes)
    ? move(diagram, new Map([...placesOf(nodes, edges)].map(([id, at]) => [id, onGrid(at)])))
    : diagram;
}

const one = (id: string) => new Set([id]);

export const rename = (diagram: RawDiagram, id: string, label: string): RawDiagram =>
  changeParts(diagram, "nodes", one(id), (node) => withPath(node, ["data", "label"], label));

/** Set a key of a node's `data`; undefined takes it away. */
export const setData = (diagram: RawDiagram, id: string, key: string, value: unknown): RawDiagram =>
  changeParts(diagram, "nodes", one(id), (node) => withPath(node, ["data", key], value));

/** Set a key of a node's config; undefined takes it away, so that the default holds. */
export const setConfig = (diagram: RawDiagram, id: string, key: string, value: unknown): RawDiagram =>
  changeParts(diagram, "nodes", one(id), (node) => withPath(node, ["data", "config", key], value));

/** The whole config at once, as it was written as JSON. */
export const replaceConfig = (diagram: RawDiagram, id: string, config: Json): RawDiagram =>
  changeParts(diagram, "nodes", one(id), (node) => withPath(node, ["data", "config"], config));

/** The connector stands where the diagram has it already: inside the config or beside it. */
export function setConnector(
  diagram: RawDiagram,
  id: string,
  connector: { id: string; type: string } | null,
): RawDiagram {
  return changeParts(diagram, "nodes", one(id), (node) => {
    const data = dataOf(node);
    const config = isJson(data.config) ? data.config : {};
    const inside = "connectorId" in config && !("connectorId" in data);
    const place = inside ? ["data", "config", "connectorId"] : ["data", "connectorId"];
    const named = withPath(node, place, connector?.id);
    const alone = inside ? named : withPath(named, ["data", "config", "connectorId"], undefined);
    return withPath(alone, ["data", "connectorType"], connector?.type);
  });
}

/** Where a node stands; null for what has no place. */
export function placeOf(part: unknown): Position | null {
  if (!isJson(part) || !isJson(part.position)) return null;
  const { x, y } = part.position;
  return typeof x === "number" && typeof y === "number" ? { x, y } : null;
}

/** A free place near a wished one: not on top of a node. */
export function freePlace(diagram: RawDiagram, wished: Position): Position {
  const taken = rawNodes(diagram).flatMap((node) => placeOf(node) ?? []);
  const place = onGrid(wished);
  const hits = () =>
    taken.some(
      ({ x, y }) => Math.abs(x - place.x) < NODE_WIDTH && Math.abs(y - place.y) < NODE_HEIGHT + GRID,
    );
  while (hits()) place.y += GRID;
  return place;
}

/** The place for a node that follows another one. */
export function placeAfter(diagram: RawDiagram, id: string): Position | null {
  const at = placeOf(rawNodes(diagram).find((node) => idOf(node) === id));
  return at && freePlace(diagram, { x: at.x + NODE_WIDTH + 84, y: at.y });
}

/** What a type's operation is called in the diagram: for asking whether a node is of it. */
export const isOfType = (node: unknown, type: NodeType): boolean => {
  const data = dataOf(node);
  const config = isJson(data.config) ? data.config : {};
  return keyOf({ category: String(data.nodeType), operation: String(config.operation) }) === keyOf(type);
};

/** `withKey` for notes. */
export function changeNote(diagram: RawDiagram, id: string, change: (note: Json) => Json): RawDiagram {
  return changeParts(diagram, "annotations", one(id), change);
}

/** Append ready parts: what paste and notes are made of. */
export const appendParts = append;
