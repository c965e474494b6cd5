/** Small plots as numbers: where bars and lines lie in a box of 0–1 by 0–1. */

export interface Stack {
  /** Fractions of the height, from the bottom up. */
  parts: { key: string; from: number; height: number }[];
  total: number;
}

/** Stacked bars of one scale; `keys` says what lies below what. */
export function stacks(rows: readonly Readonly<Record<string, number>>[], keys: readonly string[]): Stack[] {
  const totals = rows.map((row) => keys.reduce((sum, key) => sum + (row[key] ?? 0), 0));
  const most = Math.max(1, ...totals);
  return rows.map((row, index) => {
    let from = 0;
    const parts = keys.flatMap((key) => {
      const value = row[key] ?? 0;
      if (value === 0) return [];
      const part = { key, from, height: value / most };
      from += part.height;
      return [part];
    });
    return { parts, total: totals[index] ?? 0 };
  });
}

/** The minutes up to `now`, oldest first, each with its row or nothing. */
export function everyMinute<T extends { minute: string }>(
  rows: readonly T[],
  now: number,
  minutes: number,
): { at: number; row: T | null }[] {
  const known = new Map(rows.map((row) => [Math.floor(Date.parse(row.minute) / 60_000), row]));
  const last = Math.floor(now / 60_000);
  return Array.from({ length: minutes }, (_, index) => {
    const minute = last - minutes + 1 + index;
    return { at: minute * 60_000, row: known.get(minute) ?? null };
  });
}

/** The points of a line (`x,y x,y …`) in a box of the given size; a flat line of zeros lies at the bottom. */
export function line(values: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map((value, index) => `${round(index * step)},${round(height - (value / most) * height)}`)
    .join(" ");
}

const round = (value: number) => Math.round(value * 100) / 100;
