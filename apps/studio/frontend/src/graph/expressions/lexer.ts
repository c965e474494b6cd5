/**
 * The tokens of an expression exactly as the server cuts them, for reading one back into rows. Unlike
 * `tokens.ts` it refuses what the language refuses.
 */

import type { Spelling } from "./tokens";

export type Kind = "number" | "text" | "quoted" | "name" | "parameter" | "operator";

/** `value` is the decoded text, the digits as they were written, the name, or the operator's characters. */
export interface Lexeme {
  kind: Kind;
  value: string;
}

const COMMON = String.raw`(?<space>\s+)|(?<parameter>\{\{[^{}]{0,200}\}\})|(?<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\p{L}\p{N}_])|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<operator>\*\*|\/\/|==|!=|<>|<=|>=|\|\||::|(?!--|\/\*)[-+*/%=<>()[\]{}:,.&|~^])`;
const RULES: Record<Spelling, RegExp> = {
  sql: new RegExp(String.raw`${COMMON}|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")`, "suy"),
  polars: new RegExp(String.raw`${COMMON}|(?<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`, "suy"),
};
const ESCAPES: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "0": "\0",
};
const MOST = 10_000;

function unescaped(body: string): string {
  return body.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gsu, (whole, code: string) =>
    /^[ux]./.test(code) ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? whole),
  );
}

function decoded(kind: Kind, raw: string, spelling: Spelling): string {
  if (kind === "parameter") return raw.slice(2, -2).trim();
  if (kind === "quoted") return raw.slice(1, -1).replaceAll('""', '"');
  if (kind !== "text") return raw;
  return spelling === "sql" ? raw.slice(1, -1).replaceAll("''", "'") : unescaped(raw.slice(1, -1));
}

/** The lexemes of a text; null where it is no expression. */
export function lexemes(text: string, spelling: Spelling): Lexeme[] | null {
  if (text.length >= MOST) return null;
  const rule = RULES[spelling];
  const found: Lexeme[] = [];
  for (let at = 0; at < text.length; ) {
    rule.lastIndex = at;
    const groups = rule.exec(text)?.groups;
    const [kind, raw] = Object.entries(groups ?? {}).find(([, each]) => each !== undefined) ?? [];
    if (kind === undefined || raw === undefined || raw === "") return null;
    at += raw.length;
    if (kind === "space") continue;
    const value = decoded(kind as Kind, raw, spelling);
    if (kind === "parameter" && !/^[\p{L}\p{N}_][\p{L}\p{N}_ .-]*$/u.test(value)) return null;
    found.push({ kind: kind as Kind, value });
  }
  return found;
}

/** Which spelling a text is in: `col(` marks Polars, and so do `lit(` and a leading `when(`. */
export function spellingOf(text: string): Spelling {
  if (!/\b(?:col|lit|when)\s*\(/.test(text)) return "sql";
  const found = lexemes(text, "polars");
  if (found === null) return /\bcol\s*\(\s*["']/.test(text) ? "polars" : "sql";
  const marks = found.some(({ kind, value }, index) => {
    const follows = found[index + 1];
    if (kind !== "name" || follows?.kind !== "operator" || follows.value !== "(") return false;
    const before = found[index - 1];
    return (
      value === "col" ||
      value === "lit" ||
      (value === "when" && (before === undefined || (before.kind === "operator" && before.value === ".")))
    );
  });
  return marks ? "polars" : "sql";
}
