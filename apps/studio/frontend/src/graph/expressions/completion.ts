/** What could stand at the cursor of an expression: columns of the edges that arrive, functions, words. */

import type { Column } from "../schema";
import { spellingOf } from "./lexer";
import { type Spelling, type Token, tokenize } from "./tokens";

export interface FunctionDoc {
  name: string;
  family: string;
  signature: string;
  aliases: readonly string[];
  /** Polars methods: `str.to_uppercase`. */
  methods: readonly string[];
  documentation: string;
  examples: readonly string[];
}

export interface Option {
  label: string;
  kind: "column" | "function" | "method" | "keyword" | "parameter";
  /** What is inserted; a caret inside of the parentheses where `inside` says so. */
  insert: string;
  inside: boolean;
  detail: string;
  info: string;
}

export interface Completion {
  from: number;
  to: number;
  options: Option[];
}

export interface Known {
  columns: readonly Column[];
  functions: readonly FunctionDoc[];
  parameters: readonly string[];
}

/** A column's name as SQL writes it. */
export function sqlName(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !RESERVED.has(name.toLowerCase())
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

/** Words of the language, and those that begin a query, which the server takes for one. */
const RESERVED = new Set(
  "and or not is in like ilike between case when then else end as distinct cast try_cast extract true false null none select insert update delete drop create alter attach copy pragma install load export union from where with".split(
    " ",
  ),
);
const WORDS: Record<Spelling, readonly string[]> = {
  sql: [
    "AND",
    "OR",
    "NOT",
    "IS NULL",
    "IS NOT NULL",
    "IN",
    "LIKE",
    "BETWEEN",
    "CASE WHEN",
    "THEN",
    "ELSE",
    "END",
  ],
  polars: [],
};
const POLARS: readonly [string, string][] = [
  ["col", 'A column: col("name")'],
  ["lit", "A constant value"],
  ["when", "when(condition).then(value).otherwise(value)"],
  ["coalesce", "The first value that is not null"],
  ["concat_str", "Texts one after another"],
];

const textOf = (text: string, token: Token) => text.slice(token.start, token.end);

const columnOption = (column: Column, insert: string): Option => ({
  label: column.name,
  kind: "column",
  insert,
  inside: false,
  detail: column.type,
  info: "",
});

const functionOption = (each: FunctionDoc, name: string): Option => ({
  label: name,
  kind: "function",
  insert: `${name}()`,
  inside: true,
  detail: each.family,
  info: `${each.signature}\n${each.documentation}`,
});

function methods(known: Known, space: string | null): Option[] {
  const spaces = new Set<string>();
  const found = known.functions.flatMap((each) =>
    each.methods.flatMap((method): Option[] => {
      const [head, tail] = method.includes(".") ? method.split(".", 2) : [null, method];
      if (head !== null && head !== undefined) spaces.add(head);
      if ((head ?? null) !== space || tail === undefined) return [];
      return [
        {
          label: tail,
          kind: "method",
          insert: `${tail}()`,
          inside: each.signature.includes(","),
          detail: each.family,
          info: `${each.documentation}`,
        },
      ];
    }),
  );
  if (space !== null) return found;
  return [
    ...found,
    ...[...spaces].map(
      (name): Option => ({
        label: name,
        kind: "method",
        insert: `${name}.`,
        inside: false,
        detail: "",
        info: `Functions of ${name}`,
      }),
    ),
  ];
}

/** Names inside quotes: of a column in SQL, or the argument of `col`. */
function quoted(text: string, token: Token, known: Known, spelling: Spelling): Completion {
  const quote = text[token.start] as string;
  const double = (name: string) =>
    spelling === "sql" ? name.replaceAll('"', '""') : name.replaceAll(quote, `\\${quote}`);
  return {
    from: token.start,
    to: token.end,
    options: known.columns.map((column) => columnOption(column, `${quote}${double(column.name)}${quote}`)),
  };
}

/**
 * Completion at a place; null where nothing can be offered: inside of a text or a comment. Without
 * `asked`, only where something is typed already.
 */
export function complete(text: string, at: number, known: Known, asked: boolean): Completion | null {
  const tokens = tokenize(text);
  const spelling = spellingOf(text);
  const index = tokens.findIndex(({ start, end }) => start < at && at <= end);
  const token = tokens[index];
  if (token !== undefined) {
    const within = at < token.end || !token.closed;
    if (token.kind === "comment") return null;
    if (token.kind === "parameter") return within ? parameter(text, token, known) : null;
    if (token.kind === "string" && within) return null;
    if (
      token.kind === "column" &&
      text[token.start] !== undefined &&
      /["']/.test(text[token.start] as string)
    ) {
      return within ? quoted(text, token, known, spelling) : null;
    }
    if (token.kind === "number") return null;
  }
  const word = token !== undefined && isWord(token) ? token : null;
  const from = word?.start ?? at;
  const to = word?.end ?? at;
  const before = tokens.filter(({ end }) => end <= from).at(-1);
  const afterDot = before !== undefined && before.end === from && textOf(text, before).endsWith(".");
  if (afterDot && spelling === "polars") {
    const head = tokens[tokens.indexOf(before) - 1];
    const space = head?.kind === "name" || head?.kind === "column" ? textOf(text, head) : null;
    return { from, to, options: methods(known, space) };
  }
  if (word === null && !asked) return null;
  return { from, to, options: [...names(known, spelling)] };
}

const isWord = ({ kind, closed }: Token) =>
  closed && ["keyword", "constant", "column", "function", "name"].includes(kind);

function names(known: Known, spelling: Spelling): Option[] {
  const parameters = known.parameters.map(
    (name): Option => ({
      label: `{{ ${name} }}`,
      kind: "parameter",
      insert: `{{ ${name} }}`,
      inside: false,
      detail: "",
      info: "",
    }),
  );
  if (spelling === "polars") {
    return [
      ...known.columns.map((column) => columnOption(column, `col(${JSON.stringify(column.name)})`)),
      ...POLARS.map(
        ([name, info]): Option => ({
          label: name,
          kind: "function",
          insert: `${name}()`,
          inside: true,
          detail: "",
          info,
        }),
      ),
      ...parameters,
    ];
  }
  return [
    ...known.columns.map((column) => columnOption(column, sqlName(column.name))),
    ...known.functions.map((each) => functionOption(each, each.name)),
    ...WORDS.sql.map(
      (name): Option => ({ label: name, kind: "keyword", insert: name, inside: false, detail: "", info: "" }),
    ),
    ...parameters,
  ];
}

function parameter(text: string, token: Token, known: Known): Completion {
  const inner = /^\{\{\s*/.exec(textOf(text, token))?.[0].length ?? 2;
  return {
    from: token.start + inner,
    to: token.end,
    options: known.parameters.map((name) => ({
      label: name,
      kind: "parameter",
      insert: `${name} }}`,
      inside: false,
      detail: "",
      info: "",
    })),
  };
}
