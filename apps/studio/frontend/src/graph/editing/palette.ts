/** The node types one can add: what they are called, how they are found, which ports they have. */

import { type Port, portKind } from "../ports";

export interface TypeInput {
  name: string;
  required: boolean;
  many: boolean;
}

export interface NodeType {
  category: string;
  operation: string;
  aliases: readonly string[];
  label: string;
  description: string;
  icon: string;
  /** Null where they depend on the config. */
  inputs: readonly TypeInput[] | null;
  outputs: readonly { name: string; kind: string }[] | null;
}

/** Categories in the order of the palette; others come behind, by name. */
export const CATEGORIES = ["connector", "transform", "control", "genai", "agentic"] as const;

export const keyOf = ({ category, operation }: { category: string; operation: string }) =>
  `${category}.${operation}`;

/** Types by `category.operation`, aliases included. */
export function byOperation<T extends NodeType>(types: readonly T[]): Map<string, T> {
  const found = new Map<string, T>();
  for (const type of types) {
    for (const operation of [type.operation, ...type.aliases]) {
      found.set(keyOf({ category: type.category, operation }), type);
    }
  }
  return found;
}

/** What people of other tools call things; found, though it is written nowhere else. */
const ALSO: Record<string, string> = {
  "connector.read": "source extract load import csv table sql select input",
  "connector.write": "sink destination target export insert upsert output save",
  "connector.execute": "sql statement query run",
  "transform.filter": "where rows keep condition",
  "transform.derive": "formula calculate compute column expression map add",
  "transform.aggregate": "group by summarize summarise sum count average total",
  "transform.join": "merge lookup vlookup combine match",
  "transform.union": "append concat stack combine",
  "transform.sort": "order by",
  "transform.limit": "top head first take",
  "transform.deduplicate": "distinct unique duplicates",
  "transform.pivot": "crosstab wide",
  "transform.unpivot": "melt transpose long",
  "transform.cast": "convert type",
  "transform.check": "test quality validate assert expectation",
  "transform.custom": "code python polars script",
  "transform.window": "rank lag lead running total over partition",
  "control.if": "condition branch",
  "control.switch": "case branch router",
  "control.for_each": "loop iterate map split batches",
  "control.wait": "sleep delay pause",
};

function score(type: NodeType, word: string): number {
  const label = type.label.toLowerCase();
  const operation = type.operation.replaceAll("_", " ");
  if (label === word || operation === word) return 100;
  if (label.startsWith(word) || operation.startsWith(word)) return 80;
  if (label.split(/\s+/).some((part) => part.startsWith(word))) return 60;
  if (type.aliases.some((alias) => alias.startsWith(word))) return 55;
  if ((ALSO[keyOf(type)] ?? "").split(" ").some((part) => part.startsWith(word))) return 40;
  if (label.includes(word) || type.category.startsWith(word)) return 30;
  return type.description.toLowerCase().includes(word) ? 10 : 0;
}

/** Types that match every word, the best first; all of them, in their order, for no words. */
export function search<T extends NodeType>(types: readonly T[], query: string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...types];
  return types
    .map((type, index) => ({ type, index, scores: words.map((word) => score(type, word)) }))
    .filter(({ scores }) => scores.every((each) => each > 0))
    .map(({ type, index, scores }) => ({ type, index, sum: scores.reduce((sum, each) => sum + each, 0) }))
    .sort(
      (one, other) =>
        other.sum - one.sum || one.type.label.length - other.type.label.length || one.index - other.index,
    )
    .map(({ type }) => type);
}

/** Types by category, in the order of the palette. */
export function grouped<T extends NodeType>(types: readonly T[]): [category: string, types: T[]][] {
  const groups = new Map<string, T[]>();
  for (const type of types) groups.set(type.category, [...(groups.get(type.category) ?? []), type]);
  const rank = (category: string) => {
    const index = (CATEGORIES as readonly string[]).indexOf(category);
    return index < 0 ? CATEGORIES.length : index;
  };
  return [...groups].sort(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other));
}

/** The ports a new node of the type would have; null where the config must say first. */
export function portsOfType(type: NodeType): { inputs: Port[]; outputs: Port[] } | null {
  if (type.inputs === null || type.outputs === null) return null;
  const outputs = type.outputs.map(({ name, kind }) => ({ name, kind: portKind(name, kind) }));
  return { inputs: type.inputs.map(({ name }) => ({ name, kind: "data" })), outputs };
}

/** The port of a new node that an edge pulled from an existing one would end at, or begin from. */
export function fittingPort(type: NodeType, pulledFrom: "output" | "input"): string | null {
  const ports = portsOfType(type);
  if (ports === null) return pulledFrom === "output" ? "input" : "default";
  const side = pulledFrom === "output" ? ports.inputs : ports.outputs;
  return side[0]?.name ?? null;
}
