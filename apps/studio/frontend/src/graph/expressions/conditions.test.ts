import { describe, expect, it } from "vitest";
import {
  arity,
  type Conditions,
  isComplete,
  isGroup,
  type Joint,
  normal,
  type Operator,
  operatorsFor,
  type Row,
  type Value,
  valueFrom,
  withColumn,
  withOperator,
} from "./conditions";
import { checkable } from "./conditions.checkable";
import { spellingOf } from "./lexer";
import { readConditions } from "./readConditions";
import { writeConditions } from "./writeConditions";

/** Numbers that look random and are the same each time. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (most: number) => Math.floor(next() * most);
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  return { below, one };
}

const NAMES = [
  "carrier",
  "dep delay",
  'say "hi"',
  "it's",
  "end",
  "from",
  "Zoë",
  "größe_2",
  "back\\slash",
  "1st",
  "a\nb",
];
const TEXTS = [
  "US",
  "",
  "O'Hare",
  'a "b"',
  "50%",
  "back\\slash",
  "\\n",
  "line\nbreak",
  "tab\tstop",
  "col(x)",
  "𝛼 ≥ 1",
];
const NUMBERS = ["0", "18", "-5", "2.50", "-0.1", ".5", "1e5", "9007199254740993"];
const PARAMETERS = ["day", "least delay", "x-1.y"];
const OPERATORS = operatorsFor(undefined);

function anyValue({ below, one }: ReturnType<typeof dice>): Value {
  switch (below(4)) {
    case 0:
      return { kind: "number", text: one(NUMBERS) };
    case 1:
      return { kind: "boolean", text: one(["true", "false"]) };
    case 2:
      return { kind: "parameter", text: one(PARAMETERS) };
    default:
      return { kind: "text", text: one(TEXTS) };
  }
}

function anyRow(roll: ReturnType<typeof dice>): Row {
  const operator = roll.one(OPERATORS);
  const length = arity(operator) ?? 1 + roll.below(3);
  return { column: roll.one(NAMES), operator, values: Array.from({ length }, () => anyValue(roll)) };
}

function anyConditions(seed: number): Conditions {
  const roll = dice(seed);
  const joint = (): Joint => roll.one(["and", "or"]);
  const rows = () => Array.from({ length: 1 + roll.below(3) }, () => anyRow(roll));
  const items = Array.from({ length: roll.below(4) }, () =>
    roll.below(3) === 0 ? { joint: joint(), rows: rows() } : anyRow(roll),
  );
  return { joint: joint(), items };
}

const row = (column: string, operator: Operator, ...values: Value[]): Row => ({ column, operator, values });
const text = (said: string): Value => ({ kind: "text", text: said });
const number = (said: string): Value => ({ kind: "number", text: said });
const all = (...items: Conditions["items"][number][]): Conditions => ({ joint: "and", items });
const any = (...items: Conditions["items"][number][]): Conditions => ({ joint: "or", items });

describe("rows of conditions", () => {
  it("come back as they were from what they wrote, in both spellings, whatever they say", () => {
    for (let seed = 1; seed <= 1500; seed += 1) {
      const said = normal(anyConditions(seed));
      for (const spelling of ["sql", "polars"] as const) {
        const written = writeConditions(said, spelling);
        // Compared as JSON: a thousand deep comparisons take longer than all the reading.
        expect(JSON.stringify(readConditions(written)), written).toBe(JSON.stringify(said));
        if (said.items.length > 0) expect(spellingOf(written), written).toBe(spelling);
      }
    }
  });
  it("have one shape for one meaning", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const once = normal(anyConditions(seed));
      expect(normal(once)).toEqual(once);
      expect(writeConditions(anyConditions(seed), "sql")).toBe(writeConditions(once, "sql"));
    }
  });
  it("write what the server is known to accept", async () => {
    const written = JSON.stringify(checkable(), null, 2);
    await expect(`${written}\n`).toMatchFileSnapshot("./conditions.checkable.json");
  });
  it("leave out what is not filled in yet", () => {
    const half = all(row("carrier", "equals"), row("", "is_null"), {
      joint: "or",
      rows: [row("a", "is_null")],
    });
    expect(writeConditions(half, "sql")).toBe("a IS NULL");
    expect(isComplete(row("a", "between", number("1")))).toBe(false);
    expect(writeConditions(all(), "sql")).toBe("");
  });
});

describe("expressions that people wrote", () => {
  const said: [string, Conditions][] = [
    ["age > 18 AND country = 'US'", all(row("age", "greater", number("18")), row("country", "equals", text("US")))],
    ['(col("age") > 18) & (col("country") == "US")', all(row("age", "greater", number("18")), row("country", "equals", text("US")))],
    ["18 < age", all(row("age", "greater", number("18")))],
    ["not (a >= 1)", all(row("a", "less", number("1")))],
    ["NOT flag", all(row("flag", "equals", { kind: "boolean", text: "false" }))],
    ["flag", all(row("flag", "equals", { kind: "boolean", text: "true" }))],
    ["a = 1 AND b = 2 OR c = 3", any({ joint: "and", rows: [row("a", "equals", number("1")), row("b", "equals", number("2"))] }, row("c", "equals", number("3")))],
    ["((a = 1))", all(row("a", "equals", number("1")))],
    ["name LIKE '%ann%' and name not like '%x%'", all(row("name", "contains", text("ann")), row("name", "not_contains", text("x")))],
    ["name LIKE 'ann%'", all(row("name", "starts_with", text("ann")))],
    ["at >= DATE '2024-01-01'", all(row("at", "at_least", text("2024-01-01")))],
    ['pl.col("a").is_in([1, 2]) | ~col("b").is_null()', any(row("a", "one_of", number("1"), number("2")), row("b", "is_not_null"))],
    ['col("a").str.contains("abc")', all(row("a", "contains", text("abc")))],
    ['~(col("a") == 1)', all(row("a", "not_equals", number("1")))],
    ['col("a") == lit(1)', all(row("a", "equals", number("1")))],
    ['"dep delay" NOT BETWEEN -5 AND {{ most }}', all(row("dep delay", "not_between", number("-5"), { kind: "parameter", text: "most" }))],
    ["  ", all()],
  ]; // biome-ignore format: one expression a line
  it.each(said)("are read as rows: %s", (expression, conditions) => {
    expect(readConditions(expression)).toEqual(conditions);
  });
  it.each([
    "a > b",
    "a + 1 > 2",
    "upper(a) = 'X'",
    "a = 1 AND (b = 2 OR (c = 3 AND d = 4))",
    "NOT (a = 1 AND b = 2)",
    "NOT starts_with(a, 'x')",
    "a LIKE 'x_y'",
    "a LIKE '%{{ x }}%'",
    "a ILIKE '%x%'",
    "CASE WHEN a THEN b END",
    "a IS TRUE",
    "a = 1 = TRUE",
    "a IN ()",
    "a = NULL",
    "a = 1 -- why",
    "a == 1",
    "a = 'open",
    'col("age") > 18 & col("country") == "US"',
    'col("a").str.contains("a.c")',
    'col("a").str.len_chars() > 3',
    'col("a").is_between(1, 2, closed="left")',
    "{{ day }}",
    "5",
  ])("are beyond rows, and are left alone: %s", (expression) => {
    expect(readConditions(expression)).toBeNull();
  });
});

describe("filling in a row", () => {
  it("takes what was typed as a value of the column's type, or as nothing yet", () => {
    expect(valueFrom("12", "int64")).toEqual(number("12"));
    expect(valueFrom("12", "string")).toEqual(text("12"));
    expect(valueFrom("twelve", "decimal(10,2)")).toBeNull();
    expect(valueFrom("9".repeat(39), "int64")).toBeNull();
    expect(valueFrom("{{day}}", "date")).toEqual({ kind: "parameter", text: "day" });
    expect(valueFrom("", "string")).toEqual(text(""));
    expect(valueFrom("", "date")).toBeNull();
    expect(valueFrom("yes", "boolean")).toBeNull();
  });
  it("keeps what was said as far as another column or operator has a meaning for it", () => {
    const said = row("carrier", "one_of", text("UA"), text("7"));
    expect(withColumn(said, "flight", "int64")).toEqual(row("flight", "one_of", number("7")));
    expect(withColumn(row("carrier", "contains", text("U")), "flight", "int64").operator).toBe("equals");
    expect(withOperator(said, "equals").values).toEqual([text("UA")]);
    expect(withOperator(said, "is_null").values).toEqual([]);
  });
  it("offers operators by type", () => {
    expect(operatorsFor("date")).toContain("less");
    expect(operatorsFor("string")).not.toContain("less");
    expect(operatorsFor("boolean")).not.toContain("between");
    expect(operatorsFor("list(int64)")).toEqual(["is_null", "is_not_null"]);
    expect(isGroup({ joint: "or", rows: [] })).toBe(true);
  });
});
