import { describe, expect, it } from "vitest";
import {
  boundsOf,
  type DayCounts,
  later,
  outcomeOf,
  readMonth,
  spanOf,
  weeksOf,
  writeMonth,
} from "./calendar";

const day = (counts: Partial<DayCounts>): DayCounts => ({
  day: "2026-03-02",
  success: 0,
  failed: 0,
  cancelled: 0,
  unfinished: 0,
  ...counts,
});

describe("a month", () => {
  it("begins on its weekday and fills whole weeks from Monday on", () => {
    const weeks = weeksOf({ year: 2026, month: 11 });
    expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7, 7]);
    expect(weeks[0]).toEqual([null, null, null, null, null, null, "2026-11-01"]);
    expect(weeks[5]?.[0]).toBe("2026-11-30");
  });

  it("knows leap years", () => {
    expect(boundsOf({ year: 2028, month: 2 })).toEqual({ first: "2028-02-01", last: "2028-02-29" });
    expect(boundsOf({ year: 2026, month: 2 }).last).toBe("2026-02-28");
  });

  it("goes over the turn of the year both ways", () => {
    expect(later({ year: 2026, month: 12 }, 1)).toEqual({ year: 2027, month: 1 });
    expect(later({ year: 2026, month: 1 }, -1)).toEqual({ year: 2025, month: 12 });
  });

  it("is read from the address only where it is one", () => {
    expect(readMonth("2026-11")).toEqual({ year: 2026, month: 11 });
    expect(["2026-13", "2026-0", "x", null, "0001-01"].map(readMonth)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(writeMonth({ year: 2026, month: 3 })).toBe("2026-03");
  });
});

describe("a day", () => {
  it("is remembered for its failure", () => {
    expect(outcomeOf(day({ success: 40, failed: 1, unfinished: 2 }))).toBe("failed");
    expect(outcomeOf(day({ success: 4, unfinished: 1 }))).toBe("unfinished");
    expect(outcomeOf(day({ success: 4, cancelled: 1 }))).toBe("success");
    expect(outcomeOf(day({ cancelled: 1 }))).toBe("cancelled");
  });

  it("without runs has no colour", () => {
    expect(outcomeOf(undefined)).toBeNull();
    expect(outcomeOf(day({}))).toBeNull();
  });

  it("ends where the next one begins", () => {
    expect(spanOf("2026-12-31").created_before).toBe(spanOf("2027-01-01").created_after);
  });
});
