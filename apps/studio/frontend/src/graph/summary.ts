/** One line that says what a node does, from its config. */

import { type NodeData, operationOf } from "./diagram";

const names = (value: unknown): string | null => {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const parts = value.map((each) => {
      if (typeof each === "string") return each;
      const { column, name } = (each ?? {}) as { column?: unknown; name?: unknown };
      return typeof column === "string" ? column : typeof name === "string" ? name : null;
    });
    return parts.every((part) => part !== null) && parts.length > 0 ? parts.join(", ") : null;
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    return keys.length > 0 ? keys.join(", ") : null;
  }
  return typeof value === "number" ? String(value) : null;
};

/** The keys that say most about an operation, best first. */
const TELLING = [
  "table",
  "query",
  "expression",
  "expressions",
  "groupBy",
  "leftOn",
  "by",
  "columns",
  "mapping",
  "types",
  "outputColumn",
  "rules",
  "column",
  "n",
  "seconds",
  "cases",
];

/** `filter · dep_delay > 15`; null where the config says nothing. */
export function summary(data: NodeData): string | null {
  const operation = operationOf(data);
  if (operation === null) return null;
  const verb = operation.replaceAll("_", " ");
  for (const key of TELLING) {
    const said = names(data.config[key]);
    if (said !== null && said !== "") return `${verb} · ${said.replace(/\s+/g, " ")}`;
  }
  return verb;
}
