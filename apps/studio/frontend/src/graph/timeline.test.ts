import { describe, expect, it } from "vitest";
import type { NodeState } from "./execution";
import { tickStep, timelineOf } from "./timeline";

const node = (node_id: string, started_at: string | null, finished_at: string | null): NodeState => ({
  node_id,
  status: "success",
  started_at,
  finished_at,
  duration_ms: null,
  rows_in: null,
  rows_out: null,
  bytes: null,
  attempt: 1,
  error: null,
});

describe("the step between ticks", () => {
  it("is round in milliseconds and seconds", () => {
    expect([5, 90, 2600, 28_000].map((span) => tickStep(span, 6))).toEqual([1, 20, 500, 5000]);
  });
  it("is round to a clock beyond half a minute", () => {
    const minute = 60_000;
    expect([50_000, 29 * minute, 3 * 60 * minute, 20 * 60 * minute].map((span) => tickStep(span, 6))).toEqual(
      [10_000, 5 * minute, 30 * minute, 6 * 60 * minute],
    );
  });
  it("is whole days beyond a few of them", () => {
    expect(tickStep(10 * 86_400_000, 6)).toBe(2 * 86_400_000);
  });
});

describe("the bars", () => {
  it("lie between the first start and the last end, what runs ends now, what has not begun has none", () => {
    const now = Date.parse("2026-11-21T10:00:10Z");
    const { span, bars } = timelineOf(
      [
        node("late", "2026-11-21T10:00:05Z", null),
        node("early", "2026-11-21T10:00:00Z", "2026-11-21T10:00:02Z"),
        node("never", null, null),
      ],
      now,
    );
    expect(span).toBe(10_000);
    expect(bars.map(({ node: { node_id }, from, width }) => [node_id, from, width])).toEqual([
      ["early", 0, 0.2],
      ["late", 0.5, 0.5],
    ]);
  });
});
