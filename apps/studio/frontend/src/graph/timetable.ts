/** What a person chose for a schedule, and the timetable that it means. */

import type { Timetable } from "~/api/schedules";

export type Unit = "seconds" | "minutes" | "hours" | "days";
export const UNIT_SECONDS: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
const UNITS: Unit[] = ["days", "hours", "minutes", "seconds"];

export interface Choice {
  kind: "cron" | "interval";
  cron: string;
  timezone: string;
  every: string;
  unit: Unit;
}

/** The timetable, or null while what was typed is none. */
export function timetableOf(choice: Choice): Timetable | null {
  if (choice.kind === "cron") {
    const cron = choice.cron.trim();
    return cron === "" ? null : { cron, timezone: choice.timezone };
  }
  const every = Number(choice.every);
  if (!Number.isInteger(every) || every <= 0) return null;
  return { every_seconds: every * UNIT_SECONDS[choice.unit] };
}

/** An interval in the largest unit that fits it evenly. */
export function intervalOf(seconds: number): { every: string; unit: Unit } {
  const unit = UNITS.find((each) => seconds % UNIT_SECONDS[each] === 0) ?? "seconds";
  return { every: String(seconds / UNIT_SECONDS[unit]), unit };
}
