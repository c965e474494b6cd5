/** Months as grids of weeks, and the colour of a day by how its runs ended. */

export interface DayCounts {
  day: string;
  success: number;
  failed: number;
  cancelled: number;
  unfinished: number;
}

/** A year and a month, counted from 1. */
export interface Month {
  year: number;
  month: number;
}

export type Outcome = "failed" | "unfinished" | "cancelled" | "success";

const two = (value: number) => String(value).padStart(2, "0");
export const isoDay = (year: number, month: number, day: number) => `${year}-${two(month)}-${two(day)}`;

const daysIn = ({ year, month }: Month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** `2026-11`, as the address has it, or null for anything else. */
export function readMonth(written: string | null): Month | null {
  const found = /^(\d{4})-(\d{2})$/.exec(written ?? "");
  const [year, month] = [Number(found?.[1]), Number(found?.[2])];
  return found && year >= 1971 && year < 2200 && month >= 1 && month <= 12 ? { year, month } : null;
}

export const writeMonth = ({ year, month }: Month) => `${year}-${two(month)}`;

export function later({ year, month }: Month, months: number): Month {
  const at = year * 12 + (month - 1) + months;
  return { year: Math.floor(at / 12), month: (at % 12) + 1 };
}

/** Weeks from Monday to Sunday; days of other months are null. */
export function weeksOf(shown: Month): (string | null)[][] {
  const first = (new Date(Date.UTC(shown.year, shown.month - 1, 1)).getUTCDay() + 6) % 7;
  const days: (string | null)[] = Array.from({ length: first }, () => null);
  for (let day = 1; day <= daysIn(shown); day += 1) days.push(isoDay(shown.year, shown.month, day));
  while (days.length % 7 !== 0) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

export function boundsOf(shown: Month): { first: string; last: string } {
  return {
    first: isoDay(shown.year, shown.month, 1),
    last: isoDay(shown.year, shown.month, daysIn(shown)),
  };
}

export const totalOf = ({ success, failed, cancelled, unfinished }: DayCounts) =>
  success + failed + cancelled + unfinished;

/** What a day is remembered for: one failure weighs more than any number of successes. */
export function outcomeOf(day: DayCounts | undefined): Outcome | null {
  if (day === undefined || totalOf(day) === 0) return null;
  if (day.failed > 0) return "failed";
  if (day.unfinished > 0) return "unfinished";
  return day.success > 0 ? "success" : "cancelled";
}

/** The beginnings of a day here and of the next one. */
export function spanOf(day: string): { created_after: string; created_before: string } {
  const begin = new Date(`${day}T00:00:00`);
  const end = new Date(begin);
  end.setDate(end.getDate() + 1);
  return { created_after: begin.toISOString(), created_before: end.toISOString() };
}
