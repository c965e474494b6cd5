/** Conditions on a table of every type, which the tests of both sides of the API look at. */

import { arity, type Conditions, operatorsFor, type Row, valueFrom } from "./conditions";
import { writeConditions } from "./writeConditions";

const COLUMNS: Record<string, readonly string[]> = {
  string: ["US", "O'Hare", 'a "b"', "back\\slash", "line\nbreak", "col(x)"],
  json: ["[1]", "{}", "null"],
  int64: ["18", "-5", "0"],
  uint8: ["7", "255", "300"],
  float64: ["2.50", "1e5", ".5"],
  "decimal(10,2)": ["2.50", "-1", "0.125"],
  boolean: ["true", "false", "true"],
  date: ["2024-03-01", "2024-02-29", "1999-12-31"],
  datetime: ["2024-03-01T08:30", "2024-03-01T08:30:15", "2024-03-01"],
  "datetime(UTC)": ["2024-03-01T08:30Z", "2024-03-01T08:30:15Z", "2024-12-31T00:00Z"],
  time: ["08:30", "23:59:59", "00:00"],
  duration: [],
  "list(int64)": [],
};

/** Names that need care in one spelling or the other. */
const NAMES = [
  "plain",
  "two words",
  'say "hi"',
  "it's",
  "end",
  "from",
  "select",
  "with",
  "Zoë",
  "back\\slash",
];

interface Checkable {
  columns: { name: string; type: string }[];
  expressions: { sql: string; polars: string }[];
}

/** Every operator on every type that has it, then names that need care, then groups. */
export function checkable(): Checkable {
  const types = Object.keys(COLUMNS);
  const columns = types.map((type) => ({ name: `a ${type}`, type }));
  const rows = types.flatMap((type) =>
    operatorsFor(type).map((operator): Row => {
      const known = (COLUMNS[type] ?? []).flatMap((typed) => valueFrom(typed, type) ?? []);
      return { column: `a ${type}`, operator, values: known.slice(0, arity(operator) ?? known.length) };
    }),
  );
  const named = NAMES.map(
    (column): Row => ({ column, operator: "one_of", values: [{ kind: "text", text: "x" }] }),
  );
  const nulls = NAMES.map((column): Row => ({ column, operator: "is_null", values: [] }));
  const all: Conditions[] = [
    ...[...rows, ...named, ...nulls].map((row): Conditions => ({ joint: "and", items: [row] })),
    { joint: "and", items: [...rows.slice(0, 3), { joint: "or", rows: rows.slice(3, 6) }] },
    { joint: "or", items: [...rows.slice(20, 23), { joint: "and", rows: rows.slice(23, 26) }] },
    { joint: "and", items: rows },
  ];
  return {
    columns: [...columns, ...NAMES.map((name) => ({ name, type: "string" }))],
    expressions: all.map((each) => ({
      sql: writeConditions(each, "sql"),
      polars: writeConditions(each, "polars"),
    })),
  };
}
