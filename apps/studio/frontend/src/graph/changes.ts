/** What a node made of the rows that came: columns that came, went or changed type, rows dropped, cells changed. */

export interface SampleRows {
  columns: readonly { name: string; type: string }[];
  rows: readonly (readonly unknown[])[];
  /** Rows of the whole sample; null where that is not known. */
  row_count: number | null;
}

export type ColumnState = "kept" | "added" | "removed" | "retyped" | "renamed";

export interface ChangedColumn {
  name: string;
  type: string;
  state: ColumnState;
  /** The type or the name that it had. */
  was?: string;
}

export interface ChangedRow {
  dropped: boolean;
  values: readonly unknown[];
  /** Where a cell says something else than before, by column: what it said. */
  was: ReadonlyMap<number, unknown>;
}

export interface Changes {
  columns: readonly ChangedColumn[];
  /** Null where rows cannot be told from each other, so that both sides stand beside each other. */
  rows: readonly ChangedRow[] | null;
  /** Rows of the sample that are gone; null where rows are not those that came. */
  dropped: number | null;
  cells: number;
}

/** Operations that give each row back, in its place. */
const SAME_ROWS = new Set(
  "derive select drop rename cast fill_null window date_parts json_extract split set_variable wait approval".split(
    " ",
  ),
);
/** Operations that give some of the rows back, in their order and as they were. */
const FEWER_ROWS = new Set("filter limit drop_null deduplicate sample check".split(" "));

interface Pair {
  before: number | null;
  after: number | null;
}

function pairColumns(
  before: SampleRows["columns"],
  after: SampleRows["columns"],
  renamed: Readonly<Record<string, string>>,
): { pairs: Pair[]; columns: ChangedColumn[] } {
  const oldNames = new Map(Object.entries(renamed).map(([from, to]) => [to, from]));
  const places = new Map(before.map(({ name }, index) => [name, index]));
  const used = new Set<number>();
  const pairs: Pair[] = [];
  const columns = after.map(({ name, type }, index): ChangedColumn => {
    const oldName = oldNames.get(name) ?? name;
    const place = places.get(oldName) ?? null;
    pairs.push({ before: place, after: index });
    const old = place === null ? undefined : before[place];
    if (place === null || old === undefined) return { name, type, state: "added" };
    used.add(place);
    if (oldName !== name) return { name, type, state: "renamed", was: oldName };
    return old.type === type
      ? { name, type, state: "kept" }
      : { name, type, state: "retyped", was: old.type };
  });
  for (const [index, { name, type }] of before.entries()) {
    if (used.has(index)) continue;
    pairs.push({ before: index, after: null });
    columns.push({ name, type, state: "removed" });
  }
  return { pairs, columns };
}

const said = (value: unknown): string =>
  value === null || value === undefined
    ? "\u0000"
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** Which row of `after` each row of `before` became; null for one that was dropped. Null where that cannot be told. */
function alignRows(
  operation: string | null,
  before: SampleRows,
  after: SampleRows,
  pairs: readonly Pair[],
): (number | null)[] | null {
  if (operation !== null && SAME_ROWS.has(operation)) {
    if (before.row_count !== after.row_count) return null;
    return before.rows.slice(0, after.rows.length).map((_, index) => index);
  }
  if (operation === null || !FEWER_ROWS.has(operation)) return null;
  const both = pairs.flatMap((pair) =>
    pair.before !== null && pair.after !== null ? [{ before: pair.before, after: pair.after }] : [],
  );
  const keyOf = (row: readonly unknown[], side: "before" | "after") =>
    both.map((pair) => said(row[pair[side]])).join("\u0001");
  const keys = after.rows.map((row) => keyOf(row, "after"));
  let next = 0;
  const found = before.rows.map((row): number | null => {
    if (keys[next] !== keyOf(row, "before")) return null;
    next += 1;
    return next - 1;
  });
  // Every row that is shown after and could have come from the rows shown before must have been found there.
  const allShown = before.row_count === before.rows.length;
  return next === keys.length || (!allShown && next > 0) || keys.length === 0 ? found : null;
}

/** Hold the rows that left a node against those that came; `renamed` maps old names to new ones. */
export function changesOf(
  operation: string | null,
  before: SampleRows,
  after: SampleRows,
  renamed: Readonly<Record<string, string>> = {},
): Changes {
  const { pairs, columns } = pairColumns(before.columns, after.columns, renamed);
  const aligned = alignRows(operation, before, after, pairs);
  if (aligned === null) return { columns, rows: null, dropped: null, cells: 0 };
  let cells = 0;
  const rows = aligned.map((target, index): ChangedRow => {
    const old = before.rows[index] ?? [];
    const now = target === null ? null : (after.rows[target] ?? null);
    const was = new Map<number, unknown>();
    const values = pairs.map((pair, column) => {
      const oldValue = pair.before === null ? null : old[pair.before];
      if (now === null || pair.after === null) return oldValue;
      const value = now[pair.after];
      if (pair.before !== null && said(value) !== said(oldValue)) was.set(column, oldValue);
      return value;
    });
    cells += was.size;
    return { dropped: now === null, values, was };
  });
  const dropped =
    before.row_count === null || after.row_count === null ? null : before.row_count - after.row_count;
  return { columns, rows, dropped, cells };
}
