/** Times as people read them: relative, with the exact one beside. */

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exactFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const clockFormat = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** `5 min. ago`, `in 2 hr.`, `just now` within ten seconds; `now` in milliseconds since the epoch. */
export function relativeTime(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) < 10) return "just now";
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(Math.trunc(seconds), "second");
}

export function exactTime(iso: string): string {
  return exactFormat.format(new Date(iso));
}

/** The time of day with thousandths, for logs. */
export function clock(iso: string): string {
  const at = new Date(iso);
  return `${clockFormat.format(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** The time zone of this browser. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** A moment as a clock on the wall of that zone shows it: `Mon, Nov 23, 06:00`. */
export function wallTime(iso: string, zone: string): string {
  return new Intl.DateTimeFormat("en", {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(new Date(iso));
}

/** Whether both zones show the same time at all these moments. */
export function sameClock(moments: readonly string[], one: string, other: string): boolean {
  return one === other || moments.every((at) => wallTime(at, one) === wallTime(at, other));
}
