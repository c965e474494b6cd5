import { describe, expect, it } from "vitest";
import { complete, type FunctionDoc, sqlName } from "./completion";
import { spellingOf } from "./lexer";
import { tokenize } from "./tokens";

const kinds = (text: string) => tokenize(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);

const UPPER: FunctionDoc = {
  name: "upper",
  family: "text",
  signature: "upper(text)",
  aliases: [],
  methods: ["str.to_uppercase"],
  documentation: "In capital letters.",
  examples: [],
};
const known = {
  columns: [
    { name: "carrier", type: "string", nullable: true },
    { name: "dep delay", type: "int64", nullable: true },
  ],
  functions: [UPPER],
  parameters: ["day"],
};
const labels = (text: string, at = text.length, asked = true) =>
  complete(text, at, known, asked)?.options.map(({ label }) => label);

describe("the words of an expression", () => {
  it("are told apart in the SQL spelling", () => {
    expect(kinds("age > 18 AND upper(\"c d\") = 'US'")).toEqual([
      ["column", "age"],
      ["operator", ">"],
      ["number", "18"],
      ["keyword", "AND"],
      ["function", "upper"],
      ["bracket", "("],
      ["column", '"c d"'],
      ["bracket", ")"],
      ["operator", "="],
      ["string", "'US'"],
    ]);
  });
  it("are told apart in the Polars spelling, which a col( marks", () => {
    expect(spellingOf('(col("age") > 18)')).toBe("polars");
    expect(spellingOf("protocol(1)")).toBe("sql");
    expect(spellingOf("note = 'a col(b)'")).toBe("sql");
    expect(kinds('col("age").is_null() & (x == "y")').map(([kind]) => kind)).toEqual([
      "function",
      "bracket",
      "column",
      "bracket",
      "operator",
      "function",
      "bracket",
      "bracket",
      "operator",
      "bracket",
      "name",
      "operator",
      "string",
      "bracket",
    ]);
  });
  it("cover every character that is not white space, whatever is typed", () => {
    for (const text of ["'open", '"', "{{ day", "a ≥ 1 ~ 𝛼", "((", "1.5e", "--", "\u0000"]) {
      const tokens = tokenize(text);
      const covered = tokens.map(({ start, end }) => text.slice(start, end)).join("");
      expect(covered.replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }
    expect(tokenize("'open")[0]?.closed).toBe(false);
  });
});

describe("completion", () => {
  it("offers columns, functions and words for the word at the cursor", () => {
    const found = complete("carr > 1", 4, known, false);
    expect([found?.from, found?.to]).toEqual([0, 4]);
    expect(found?.options.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["carrier", "dep delay", "upper", "AND", "{{ day }}"]),
    );
  });
  it("waits until something is typed, or it is asked for", () => {
    expect(complete("a = ", 4, known, false)).toBeNull();
    expect(labels("a = ")).toContain("carrier");
  });
  it("writes columns that are no plain names in quotes", () => {
    expect(sqlName("dep delay")).toBe('"dep delay"');
    expect(sqlName('a"b')).toBe('"a""b"');
    expect(sqlName("end")).toBe('"end"');
    expect(sqlName("carrier")).toBe("carrier");
    const option = complete("dep", 3, known, false)?.options.find(({ label }) => label === "dep delay");
    expect(option?.insert).toBe('"dep delay"');
  });
  it("offers nothing inside of a text or a comment", () => {
    expect(labels("a = 'car", 8)).toBeUndefined();
    expect(labels("a -- car")).toBeUndefined();
  });
  it("offers columns alone inside of quoted names and of col()", () => {
    expect(labels('"car', 4)).toEqual(["carrier", "dep delay"]);
    expect(labels('col("car")', 8)).toEqual(["carrier", "dep delay"]);
    const found = complete('col("car', 8, known, false);
    expect(found?.options[0]?.insert).toBe('"carrier"');
    expect(found?.from).toBe(4);
  });
  it("offers methods after a dot, by their space", () => {
    expect(labels('col("carrier").')).toEqual(["str"]);
    expect(labels('col("carrier").str.to')).toEqual(["to_uppercase"]);
  });
  it("speaks Polars where the expression does", () => {
    const found = complete('col("a") > carr', 15, known, false);
    expect(found?.options.find(({ label }) => label === "carrier")?.insert).toBe('col("carrier")');
  });
  it("offers parameters inside of braces", () => {
    const found = complete("a = {{ d", 8, known, false);
    expect(found?.options.map(({ insert }) => insert)).toEqual(["day }}"]);
    expect(found?.from).toBe(7);
  });
});
