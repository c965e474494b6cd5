/** The bars of a timeline: where each node of an execution, or each step of a job's run, lies between the first
 * start and the last end. */

export interface Timed {
  started_at: string | null;
  finished_at: string | null;
}

export interface Bar<T extends Timed> {
  node: T;
  /** Fractions of the whole span. */
  from: number;
  width: number;
}

export interface Timeline<T extends Timed> {
  bars: Bar<T>[];
  /** The whole span in milliseconds. */
  span: number;
  ticks: { at: number; ms: number }[];
}

const STEPS = [1, 2, 5];
/** Steps that are round to people who count in minutes, hours and days. */
const CLOCK_STEPS_MS = [
  ...[10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600_000),
];
const DAY_MS = 86_400_000;

/** A round step of milliseconds that gives at most `most` ticks over the span. */
export function tickStep(span: number, most: number): number {
  const clock = span > 30_000 ? CLOCK_STEPS_MS.find((step) => span / step <= most) : undefined;
  if (clock !== undefined) return clock;
  const unit = span > DAY_MS ? DAY_MS : 1;
  for (let power = 1; ; power *= 10) {
    for (const step of STEPS) if (span / (step * power * unit) <= most) return step * power * unit;
  }
}

/** `now` in milliseconds since the epoch is the end of what still runs. */
export function timelineOf<T extends Timed>(nodes: readonly T[], now: number): Timeline<T> {
  const timed = nodes.flatMap((node) => {
    if (node.started_at === null) return [];
    const start = Date.parse(node.started_at);
    const end = node.finished_at === null ? now : Date.parse(node.finished_at);
    return [{ node, start, end: Math.max(start, end) }];
  });
  if (timed.length === 0) return { bars: [], span: 0, ticks: [] };
  const first = timed.reduce((least, each) => Math.min(least, each.start), Number.POSITIVE_INFINITY);
  const last = timed.reduce((most, each) => Math.max(most, each.end), 0);
  const span = Math.max(1, last - first);
  const step = tickStep(span, 6);
  const ticks = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => ({
    at: (index * step) / span,
    ms: index * step,
  }));
  timed.sort((one, other) => one.start - other.start || one.end - other.end);
  return {
    span,
    ticks,
    bars: timed.map(({ node, start, end }) => ({
      node,
      from: (start - first) / span,
      width: (end - start) / span,
    })),
  };
}
