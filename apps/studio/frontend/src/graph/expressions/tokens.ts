/**
 * The words of an expression in either spelling, for highlighting and completion. It never fails: what is
 * half typed is a token too. What is right and wrong only the server says.
 */

import { spellingOf } from "./lexer";

export type TokenKind =
  | "keyword"
  | "constant"
  | "number"
  | "string"
  | "column"
  | "function"
  | "name"
  | "operator"
  | "bracket"
  | "parameter"
  | "comment";

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
  /** False where the closing quote is not typed yet. */
  closed: boolean;
}

export type Spelling = "sql" | "polars";

const KEYWORDS = new Set(
  "and or not is in like ilike between case when then else end as cast distinct from select where group by order having limit join on with union all".split(
    " ",
  ),
);
const CONSTANTS = new Set(["true", "false", "null", "none"]);

const RULES: readonly [RegExp, (text: string, spelling: Spelling, rest: string) => TokenKind | null][] = [
  [/\s+/y, () => null],
  [/--[^\n]*/y, () => "comment"],
  [/\{\{[^}]*(?:\}\})?/y, () => "parameter"],
  [/'(?:[^'\\]|''|\\.)*'?/y, () => "string"],
  [/"(?:[^"\\]|""|\\.)*"?/y, (_, spelling) => (spelling === "sql" ? "column" : "string")],
  [/(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y, () => "number"],
  [
    /[\p{L}_][\p{L}\p{N}_]*/uy,
    (text, spelling, rest) => {
      const word = text.toLowerCase();
      if (CONSTANTS.has(word)) return "constant";
      if (KEYWORDS.has(word) && !(spelling === "polars" && /^\s*\(/.test(rest))) return "keyword";
      if (/^\s*\(/.test(rest)) return "function";
      return spelling === "sql" ? "column" : "name";
    },
  ],
  [/[()[\]]/y, () => "bracket"],
  [/[^\s\w()[\]'"{]+/y, () => "operator"],
  [/./suy, () => "operator"],
];

const closed = (word: string): boolean => {
  const quote = word[0];
  if (quote === "{") return word.endsWith("}}");
  if (quote !== "'" && quote !== '"') return true;
  return word.length > 1 && word.endsWith(quote);
};

export function tokenize(text: string): Token[] {
  const spelling = spellingOf(text);
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    for (const [rule, kindOf] of RULES) {
      rule.lastIndex = at;
      const found = rule.exec(text)?.[0];
      if (!found) continue;
      const kind = kindOf(found, spelling, text.slice(at + found.length));
      if (kind !== null) {
        const token = { kind, start: at, end: at + found.length, closed: closed(found) };
        tokens.push(token);
      }
      at += found.length;
      break;
    }
  }
  return named(tokens, text, spelling);
}

/** The text inside `col("…")` is a column. */
function named(tokens: Token[], text: string, spelling: Spelling): Token[] {
  if (spelling === "sql") return tokens;
  return tokens.map((token, index) => {
    const [before, open] = [tokens[index - 2], tokens[index - 1]];
    const inCol =
      token.kind === "string" &&
      open?.kind === "bracket" &&
      before?.kind === "function" &&
      text.slice(before.start, before.end) === "col";
    return inCol ? { ...token, kind: "column" as const } : token;
  });
}
