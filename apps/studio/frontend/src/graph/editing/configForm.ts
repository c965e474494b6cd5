/** The form of a node's config from its JSON Schema: which field wants which input, in which order. */

import { labelOfKey } from "../configFields";
import type { JsonSchema } from "../schemaForm";

export type Widget =
  | "connector"
  | "table"
  | "column"
  | "columns"
  | "expression"
  | "expressions"
  | "mapping"
  | "types"
  | "sort"
  | "aggregations"
  | "rules"
  | "cases"
  | "code"
  | "query"
  | "choice"
  | "choices"
  | "names"
  | "switch"
  | "whole"
  | "number"
  | "text"
  | "json";

export interface ConfigField {
  key: string;
  label: string;
  description: string;
  widget: Widget;
  required: boolean;
  options: readonly string[];
  /** What holds where nothing is set. */
  usual: unknown;
  /** The input port whose columns are meant; null for all. */
  port: string | null;
  least: number | null;
  most: number | null;
}

export interface WidgetSchema extends JsonSchema {
  port?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  additionalProperties?: unknown;
}

/** Settings that every node knows: they have a tab of their own. */
export const COMMON = [
  "outputVariable",
  "inputVariable",
  "rightVariable",
  "timeout",
  "retryCount",
  "retryDelay",
  "continueOnError",
  "keepOutput",
] as const;

const WIDGETS = new Set<string>([
  "connector",
  "table",
  "column",
  "columns",
  "expression",
  "expressions",
  "mapping",
  "types",
  "sort",
  "aggregations",
  "rules",
  "code",
  "query",
]);

type Defs = Record<string, JsonSchema>;

function resolved(schema: WidgetSchema, defs: Defs): WidgetSchema {
  const target = schema.$ref ? defs[schema.$ref.split("/").at(-1) ?? ""] : undefined;
  return target ? { ...target, ...schema } : schema;
}

/** The one thing that a nullable field may be besides null; what stands beside it wins. */
function plain(schema: WidgetSchema, defs: Defs): WidgetSchema {
  const own = resolved(schema, defs);
  const choices = (own.anyOf ?? []).filter((each) => each.type !== "null");
  const only = choices.length === 1 ? choices[0] : undefined;
  return only ? { ...resolved(only, defs), ...own } : own;
}

function widgetOf(key: string, schema: WidgetSchema, defs: Defs): Widget {
  if (schema.widget && WIDGETS.has(schema.widget)) return schema.widget as Widget;
  if (schema.enum) return "choice";
  switch (schema.type) {
    case "boolean":
      return "switch";
    case "integer":
      return "whole";
    case "number":
      return "number";
    case "string":
      return "text";
    case "array": {
      const items = schema.items ? plain(schema.items, defs) : {};
      if (items.enum) return "choices";
      return items.type === "string" ? "names" : "json";
    }
    case "object":
      return key === "cases" ? "cases" : "json";
    default:
      return "json";
  }
}

export function configForm(schema: JsonSchema): { own: ConfigField[]; common: ConfigField[] } {
  const defs = schema.$defs ?? {};
  const required = new Set(schema.required ?? []);
  const all = Object.entries(schema.properties ?? {})
    .map(([key, given]): [string, WidgetSchema] => [key, plain(given, defs)])
    .filter(([, each]) => each.widget !== "hidden")
    .map(([key, each]): ConfigField => {
      const items = each.items ? plain(each.items, defs) : undefined;
      return {
        key,
        label: each.title && each.title.toLowerCase() !== key.toLowerCase() ? each.title : labelOfKey(key),
        description: each.description ?? "",
        widget: widgetOf(key, each, defs),
        required: required.has(key),
        options: (each.enum ?? items?.enum ?? []).map(String),
        usual: each.default,
        port: each.port ?? null,
        least: each.minimum ?? null,
        most: each.maximum ?? null,
      };
    });
  const common = new Set<string>(COMMON);
  return {
    own: all.filter(({ key }) => !common.has(key)),
    common: all.filter(({ key }) => common.has(key)),
  };
}

/** Whether the node's form asks for a connector: those of the connector category do. */
export const asksForConnector = (category: string): boolean => category === "connector";

/** Problems of one field: `config.key` and what lies below it. */
export function concerns(field: string | null, key: string): boolean {
  return (
    field === `config.${key}` ||
    (field?.startsWith(`config.${key}.`) ?? false) ||
    (field?.startsWith(`config.${key}[`) ?? false) ||
    (key === "connectorId" && field === "connectorId")
  );
}

/** A pair list as an object, in its order; the last of equal names wins. Half-filled pairs stay out. */
export function fromPairs<T>(pairs: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

export function toPairs(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

export interface SortKey {
  column: string;
  descending: boolean;
  nullsLast: boolean;
}

export function readSort(value: unknown): SortKey[] {
  const keys = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return keys.flatMap((key) => {
    if (typeof key === "string") return [{ column: key, descending: false, nullsLast: true }];
    if (typeof key !== "object" || key === null) return [];
    const { column, descending, nullsLast } = key as Record<string, unknown>;
    return typeof column === "string"
      ? [{ column, descending: descending === true, nullsLast: nullsLast !== false }]
      : [];
  });
}

/** As short as it can be said: a plain ascending key is its column's name. */
export const writeSort = (keys: readonly SortKey[]): unknown[] =>
  keys.map(({ column, descending, nullsLast }) =>
    !descending && nullsLast
      ? column
      : { column, ...(descending && { descending }), ...(!nullsLast && { nullsLast }) },
  );

export interface Aggregation {
  name: string;
  column: string | null;
  function: string;
  q?: number;
}

/** Both spellings as rows: `{column: fn | [fns]}` and `{name: {column, function}}`. */
export function readAggregations(value: unknown): Aggregation[] {
  return toPairs(value).flatMap(([key, said]): Aggregation[] => {
    const functions = typeof said === "string" ? [said] : Array.isArray(said) ? said : null;
    if (functions !== null) {
      return functions
        .filter((each): each is string => typeof each === "string")
        .map((each) => ({ name: `${key}_${each}`, column: key, function: each }));
    }
    const { column, function: fn, q } = said as Record<string, unknown>;
    if (typeof fn !== "string") return [];
    return [
      {
        name: key,
        column: typeof column === "string" ? column : null,
        function: fn,
        ...(typeof q === "number" && { q }),
      },
    ];
  });
}

export const writeAggregations = (rows: readonly Aggregation[]): Record<string, unknown> =>
  fromPairs(
    rows.map(({ name, column, function: fn, q }) => [
      name,
      { ...(column !== null && { column }), function: fn, ...(q !== undefined && { q }) },
    ]),
  );
