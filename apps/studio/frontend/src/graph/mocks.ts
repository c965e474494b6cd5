/** Rows that a person gives a node's inputs, in place of what is upstream: cells, pasted tables, JSON. */

import { familyOf } from "./expressions/conditions";

export interface MockColumn {
  name: string;
  /** Undefined where nothing says which columns the input has. */
  type: string | undefined;
}

/** Cells as they are typed: empty is null, `""` an empty text. */
export type MockCells = readonly (readonly string[])[];
export type MockRow = Readonly<Record<string, unknown>>;

export const EMPTY_TEXT = '""';

/** What a cell means for a column of that type; `wrong` where it is no value of it. */
export function readCell(typed: string, type: string | undefined): { value: unknown } | { wrong: true } {
  if (typed === "") return { value: null };
  if (typed === EMPTY_TEXT && (familyOf(type) === "text" || type === undefined)) return { value: "" };
  const trimmed = typed.trim();
  if (type === undefined) return { value: guessed(typed) };
  if (type.startsWith("list") || type === "json") {
    const value = json(typed);
    if (value === undefined) return type === "json" ? { value: typed } : { wrong: true };
    return type !== "json" && !Array.isArray(value) ? { wrong: true } : { value };
  }
  switch (familyOf(type)) {
    case "number": {
      if (/^float/.test(type) && /^(NaN|-?Infinity)$/.test(trimmed)) return { value: trimmed };
      const plain = trimmed.replaceAll(",", "");
      const whole = /^[+-]?\d+$/.test(plain);
      const number = whole || /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain);
      if (!number || (/^u?int/.test(type) && !whole) || (/^uint/.test(type) && plain.startsWith("-"))) {
        return { wrong: true };
      }
      const value = Number(plain);
      // Beyond what a double holds exactly, digits travel as text.
      const exact = /^float/.test(type) || (whole && Number.isSafeInteger(value));
      return { value: exact ? value : plain.replace(/^\+/, "") };
    }
    case "boolean": {
      const word = trimmed.toLowerCase();
      return word === "true" || word === "false" ? { value: word === "true" } : { wrong: true };
    }
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(trimmed) && !Number.isNaN(Date.parse(trimmed))
        ? { value: trimmed }
        : { wrong: true };
    case "datetime":
      return /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(trimmed)
        ? { value: trimmed.replace(" ", "T") }
        : { wrong: true };
    case "time":
      return /^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$/.test(trimmed) ? { value: trimmed } : { wrong: true };
    case "text":
      return { value: typed };
    default:
      return { value: trimmed };
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where no column says what is meant: numbers, truths and JSON are what they look like, all else is text. */
function guessed(typed: string): unknown {
  const value = /^\s*(-?\d|[[{]|true$|false$)/.test(typed) ? json(typed) : undefined;
  return value === undefined ? typed : value;
}

/** How a value stands in its cell. */
export function writeCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value === "") return EMPTY_TEXT;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Cells as rows for the server; rows without any value are left out. `wrong` names cells as `row:column`. */
export function readRows(
  cells: MockCells,
  columns: readonly MockColumn[],
): { rows: MockRow[]; wrong: ReadonlySet<string> } {
  const wrong = new Set<string>();
  const rows = cells.flatMap((line, index): MockRow[] => {
    if (line.every((cell) => cell === "")) return [];
    const row: Record<string, unknown> = {};
    for (const [place, { name, type }] of columns.entries()) {
      const read = readCell(line[place] ?? "", type);
      if ("wrong" in read) wrong.add(`${index}:${place}`);
      else row[name] = read.value;
    }
    return [row];
  });
  return { rows, wrong };
}

export const writeRows = (rows: readonly MockRow[], columns: readonly MockColumn[]): string[][] =>
  rows.map((row) => columns.map(({ name }) => writeCell(row[name])));

/** A table as spreadsheets copy it: tabs between cells, quotes round those that hold tabs, quotes or line breaks. */
export function parseTsv(text: string): string[][] {
  const lines: string[][] = [[]];
  const whole = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at <= whole.length; ) {
    const quoted = /"((?:[^"]|"")*)"(?=\t|\n|$)/y;
    quoted.lastIndex = at;
    const plain = /[^\t\n]*/y;
    plain.lastIndex = at;
    const found = quoted.exec(whole);
    const [raw, cell] = found
      ? [found[0], found[0] === EMPTY_TEXT ? "" : (found[1] ?? "").replaceAll('""', '"')]
      : [plain.exec(whole)?.[0] ?? "", null];
    (lines.at(-1) as string[]).push(cell ?? raw);
    at += raw.length;
    if (at >= whole.length) {
      if (whole[at] === undefined) break;
    }
    if (whole[at] === "\n") lines.push([]);
    at += 1;
  }
  return lines;
}

/** Put a pasted table into the cells from a place on; a first line that names the columns puts each where it belongs. */
export function paste(
  cells: MockCells,
  table: readonly (readonly string[])[],
  at: { row: number; column: number },
  columns: readonly MockColumn[],
): string[][] {
  const [first = [], ...rest] = table;
  const places = first.map((name) => columns.findIndex((column) => column.name === name.trim()));
  const hasHeader = rest.length > 0 && first.length > 0 && places.every((place) => place >= 0);
  const lines = hasHeader ? rest : table;
  const next = cells.map((line) => [...line]);
  for (const [down, line] of lines.entries()) {
    const row = at.row + down;
    while (next.length <= row) next.push(columns.map(() => ""));
    for (const [across, cell] of line.entries()) {
      const column = hasHeader ? (places[across] ?? -1) : at.column + across;
      if (column >= 0 && column < columns.length) (next[row] as string[])[column] = cell;
    }
  }
  return next;
}

/** Rows written as JSON: a list of objects, or one of them; null where the text is none. */
export function fromJson(text: string): MockRow[] | null {
  const value = json(text);
  const list = Array.isArray(value) ? value : value === undefined || value === null ? null : [value];
  const objects = list?.every((each) => typeof each === "object" && each !== null && !Array.isArray(each));
  return objects ? (list as MockRow[]) : null;
}

/** The columns of rows, in the order in which they are seen. */
export const columnsOf = (rows: readonly MockRow[]): MockColumn[] =>
  [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => ({ name, type: undefined }));
