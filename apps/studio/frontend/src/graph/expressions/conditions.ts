/**
 * A condition as rows that people fill in: column, operator, value, joined by and/or, with groups one level
 * deep. `readConditions` and `writeConditions` go between this and an expression.
 */

export type Operator =
  | "equals"
  | "not_equals"
  | "less"
  | "at_most"
  | "greater"
  | "at_least"
  | "between"
  | "not_between"
  | "one_of"
  | "none_of"
  | "contains"
  | "not_contains"
  | "starts_with"
  | "ends_with"
  | "is_null"
  | "is_not_null";

/** A constant as it is written: `text` of a number is its digits, of a parameter its name. */
export interface Value {
  kind: "text" | "number" | "boolean" | "parameter";
  text: string;
}

export interface Row {
  column: string;
  operator: Operator;
  values: readonly Value[];
}

export type Joint = "and" | "or";

export interface Group {
  joint: Joint;
  rows: readonly Row[];
}

export interface Conditions {
  joint: Joint;
  items: readonly (Row | Group)[];
}

export const isGroup = (item: Row | Group): item is Group => "rows" in item;

/** What an operator says about a row turns into this when NOT stands before it; null beside it is null either way. */
export const OPPOSITE: Partial<Record<Operator, Operator>> = {
  equals: "not_equals",
  not_equals: "equals",
  less: "at_least",
  at_least: "less",
  greater: "at_most",
  at_most: "greater",
  between: "not_between",
  not_between: "between",
  one_of: "none_of",
  none_of: "one_of",
  contains: "not_contains",
  not_contains: "contains",
  is_null: "is_not_null",
  is_not_null: "is_null",
};

/** How many values an operator takes; null for a list of any length. */
export function arity(operator: Operator): number | null {
  if (operator === "is_null" || operator === "is_not_null") return 0;
  if (operator === "between" || operator === "not_between") return 2;
  return operator === "one_of" || operator === "none_of" ? null : 1;
}

export type Family = "number" | "text" | "boolean" | "date" | "datetime" | "time" | "other" | "unknown";

export function familyOf(type: string | undefined): Family {
  if (type === undefined) return "unknown";
  if (/^(u?int|float|decimal)/.test(type)) return "number";
  if (/^datetime/.test(type)) return "datetime";
  if (type === "string" || type === "json") return "text";
  return type === "boolean" || type === "date" || type === "time" ? type : "other";
}

const NULLS: readonly Operator[] = ["is_null", "is_not_null"];
const ORDER: readonly Operator[] = ["less", "at_most", "greater", "at_least", "between", "not_between"];
const LISTS: readonly Operator[] = ["one_of", "none_of"];
const SAME: readonly Operator[] = ["equals", "not_equals"];
const PARTS: readonly Operator[] = ["contains", "not_contains", "starts_with", "ends_with"];

/** The operators that make sense for a type, the usual ones first. */
export function operatorsFor(type: string | undefined): readonly Operator[] {
  switch (familyOf(type)) {
    case "text":
      return [...SAME, ...LISTS, ...PARTS, ...NULLS];
    case "number":
    case "date":
    case "datetime":
    case "time":
      return [...SAME, ...ORDER, ...LISTS, ...NULLS];
    case "boolean":
      return [...SAME, ...NULLS];
    case "other":
      return NULLS;
    case "unknown":
      return [...SAME, ...ORDER, ...LISTS, ...PARTS, ...NULLS];
  }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const PARAMETER = /^\{\{\s*([\p{L}\p{N}_](?:[\p{L}\p{N}_ .-]*[\p{L}\p{N}_.-])?)\s*\}\}$/u;
/** The language takes no longer whole numbers. */
const MOST_DIGITS = 38;

const isNumber = (text: string) =>
  NUMBER.test(text) && !(/^[+-]?\d+$/.test(text) && text.replace(/^[+-]?0*/, "").length > MOST_DIGITS);

/** What a person typed for a column of that type; null where it is no value of it (yet). */
export function valueFrom(typed: string, type: string | undefined): Value | null {
  const parameter = PARAMETER.exec(typed.trim())?.[1];
  if (parameter !== undefined) return { kind: "parameter", text: parameter };
  const trimmed = typed.trim();
  switch (familyOf(type)) {
    case "number":
      return isNumber(trimmed) ? { kind: "number", text: trimmed.replace(/^\+/, "") } : null;
    case "boolean":
      return trimmed === "true" || trimmed === "false" ? { kind: "boolean", text: trimmed } : null;
    case "date":
    case "datetime":
    case "time":
      return trimmed === "" ? null : { kind: "text", text: trimmed };
    case "unknown":
      return isNumber(trimmed)
        ? { kind: "number", text: trimmed.replace(/^\+/, "") }
        : { kind: "text", text: typed };
    default:
      return { kind: "text", text: typed };
  }
}

/** What stands in the input for a value. */
export const typedOf = ({ kind, text }: Value): string => (kind === "parameter" ? `{{ ${text} }}` : text);

/** Whether a row says something already. */
export function isComplete({ column, operator, values }: Row): boolean {
  const wanted = arity(operator);
  return column !== "" && (wanted === null ? values.length > 0 : values.length === wanted);
}

/**
 * The same meaning in its one shape: without rows that say nothing yet, empty groups, groups of one row or
 * of everything; what joins nothing is `and`.
 */
export function normal({ joint, items }: Conditions): Conditions {
  const kept = items.flatMap((item): (Row | Group)[] => {
    if (!isGroup(item)) return isComplete(item) ? [item] : [];
    const rows = item.rows.filter(isComplete);
    return rows.length > 1 ? [{ joint: item.joint, rows }] : rows;
  });
  const [only] = kept;
  if (kept.length === 1 && only !== undefined && isGroup(only))
    return { joint: only.joint, items: only.rows };
  return { joint: kept.length > 1 ? joint : "and", items: kept };
}

/** A row moved to another column: what it said is kept as far as it means something there. */
export function withColumn(row: Row, column: string, type: string | undefined): Row {
  const allowed = operatorsFor(type);
  const operator = allowed.includes(row.operator) ? row.operator : (allowed[0] as Operator);
  if (operator !== row.operator) return { column, operator, values: [] };
  const values = row.values.flatMap((value) => valueFrom(typedOf(value), type) ?? []);
  return { column, operator, values };
}

/** A row with another operator: as many of its values as that one takes. */
export function withOperator(row: Row, operator: Operator): Row {
  const wanted = arity(operator);
  return { ...row, operator, values: wanted === null ? row.values : row.values.slice(0, wanted) };
}
