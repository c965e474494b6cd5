import { describe, expect, it } from "vitest";
import { type Choice, intervalOf, timetableOf } from "./timetable";

const choice = (changes: Partial<Choice>): Choice => ({
  kind: "cron",
  cron: "",
  timezone: "UTC",
  every: "1",
  unit: "hours",
  ...changes,
});

describe("a timetable", () => {
  it("is what was typed, in its zone", () => {
    expect(timetableOf(choice({ cron: " 0 6 * * 1-5 ", timezone: "Europe/Zurich" }))).toEqual({
      cron: "0 6 * * 1-5",
      timezone: "Europe/Zurich",
    });
  });

  it("at an interval counts seconds", () => {
    expect(timetableOf(choice({ kind: "interval", every: "15", unit: "minutes" }))).toEqual({
      every_seconds: 900,
    });
  });

  it("is none while nothing sensible is typed", () => {
    expect(timetableOf(choice({ cron: "  " }))).toBeNull();
    for (const every of ["", "0", "-1", "1.5", "x"])
      expect(timetableOf(choice({ kind: "interval", every }))).toBeNull();
  });
});

describe("an interval", () => {
  it("is shown in the largest unit that fits", () => {
    expect([86_400, 7200, 90, 5400].map(intervalOf)).toEqual([
      { every: "1", unit: "days" },
      { every: "2", unit: "hours" },
      { every: "90", unit: "seconds" },
      { every: "90", unit: "minutes" },
    ]);
  });
});
