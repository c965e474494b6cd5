/** Rows of conditions as an expression in either spelling. */

import { sqlName } from "./completion";
import { type Conditions, type Group, isGroup, normal, type Row, type Value } from "./conditions";
import type { Spelling } from "./tokens";

const COMPARE = {
  equals: "=",
  not_equals: "<>",
  less: "<",
  at_most: "<=",
  greater: ">",
  at_least: ">=",
} as const;

interface Writer {
  row: (row: Row) => string;
  and: string;
  or: string;
}

const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`;
const POLARS_ESCAPES: Record<string, string> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
const polarsText = (text: string) =>
  `"${text.replace(/[\\"\n\r\t]/g, (each) => POLARS_ESCAPES[each] ?? each)}"`;

function constant({ kind, text }: Value, spelling: Spelling): string {
  switch (kind) {
    case "parameter":
      return `{{ ${text} }}`;
    case "number":
      return text;
    case "boolean":
      return spelling === "sql" ? text.toUpperCase() : text === "true" ? "True" : "False";
    case "text":
      return spelling === "sql" ? sqlText(text) : polarsText(text);
  }
}

const sql: Writer = {
  and: " AND ",
  or: " OR ",
  row: ({ column, operator, values }) => {
    const name = sqlName(column);
    const [one = "", other = ""] = values.map((value) => constant(value, "sql"));
    const list = values.map((value) => constant(value, "sql")).join(", ");
    switch (operator) {
      case "between":
        return `${name} BETWEEN ${one} AND ${other}`;
      case "not_between":
        return `${name} NOT BETWEEN ${one} AND ${other}`;
      case "one_of":
        return `${name} IN (${list})`;
      case "none_of":
        return `${name} NOT IN (${list})`;
      case "contains":
        return `contains(${name}, ${one})`;
      case "not_contains":
        return `NOT contains(${name}, ${one})`;
      case "starts_with":
        return `starts_with(${name}, ${one})`;
      case "ends_with":
        return `ends_with(${name}, ${one})`;
      case "is_null":
        return `${name} IS NULL`;
      case "is_not_null":
        return `${name} IS NOT NULL`;
      default:
        return `${name} ${COMPARE[operator]} ${one}`;
    }
  },
};

const polars: Writer = {
  and: " & ",
  or: " | ",
  row: ({ column, operator, values }) => {
    const name = `col(${polarsText(column)})`;
    const [one = "", other = ""] = values.map((value) => constant(value, "polars"));
    const list = values.map((value) => constant(value, "polars")).join(", ");
    switch (operator) {
      case "between":
        return `${name}.is_between(${one}, ${other})`;
      case "not_between":
        return `~${name}.is_between(${one}, ${other})`;
      case "one_of":
        return `${name}.is_in([${list}])`;
      case "none_of":
        return `~${name}.is_in([${list}])`;
      case "contains":
        return `${name}.str.contains(${one}, literal=True)`;
      case "not_contains":
        return `~${name}.str.contains(${one}, literal=True)`;
      case "starts_with":
        return `${name}.str.starts_with(${one})`;
      case "ends_with":
        return `${name}.str.ends_with(${one})`;
      case "is_null":
        return `${name}.is_null()`;
      case "is_not_null":
        return `${name}.is_not_null()`;
      case "equals":
        return `(${name} == ${one})`;
      case "not_equals":
        return `(${name} != ${one})`;
      default:
        return `(${name} ${COMPARE[operator]} ${one})`;
    }
  },
};

/** The expression that says what the rows say; empty where they say nothing yet. */
export function writeConditions(conditions: Conditions, spelling: Spelling): string {
  const { joint, items } = normal(conditions);
  const writer = spelling === "sql" ? sql : polars;
  const said = (item: Row | Group): string =>
    isGroup(item) ? `(${item.rows.map(writer.row).join(writer[item.joint])})` : writer.row(item);
  return items.map(said).join(writer[joint]);
}
