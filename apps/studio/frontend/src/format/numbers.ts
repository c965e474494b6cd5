/** Numbers as people read them. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `336,776` */
export function count(value: number): string {
  return whole.format(value);
}

/** `337K`, for places where the exact number has no room; give that as the title. */
export function countShort(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value);
}

/** `1 column`, `3 columns` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in decimal units: `1.4 MB` */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : whole.format(value)} ${SIZES[unit]}`;
}

/** Milliseconds: `12 ms`, `1.4 s`, `2 min 5 s`, `1 h 3 min` */
export function duration(ms: number): string {
  if (ms < 0.5) return "0 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${whole.format(hours)} h` : `${whole.format(hours)} h ${minutes % 60} min`;
}

/** A share between 0 and 1 as whole percent. */
export function percent(share: number): string {
  return `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;
}
