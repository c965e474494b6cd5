import { describe, expect, it } from "vitest";
import { cell, columnKind, columnWidth } from "./cells";
import { count, countShort, duration, percent, plural, size } from "./numbers";
import { exactTime, relativeTime } from "./time";

describe("numbers", () => {
  it("have separators and units", () => {
    expect(count(336_776)).toBe("336,776");
    expect([countShort(9999), countShort(336_776)]).toEqual(["9,999", "336.8K"]);
    expect([plural(1, "column"), plural(1200, "row")]).toEqual(["1 column", "1,200 rows"]);
    expect(percent(1.2)).toBe("100 %");
  });

  it("of bytes never show a thousand of a unit", () => {
    expect([0, 999, 1000, 999_600, 14_200_000].map(size)).toEqual([
      "0 B",
      "999 B",
      "1.0 kB",
      "1.0 MB",
      "14 MB",
    ]);
  });

  it("of milliseconds become what a person would say", () => {
    expect([0.2, 12, 999.7, 1449, 12_400, 59_600, 125_000, 3_780_000].map(duration)).toEqual([
      "0 ms",
      "12 ms",
      "1.0 s",
      "1.4 s",
      "12 s",
      "1 min",
      "2 min 5 s",
      "1 h 3 min",
    ]);
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");
  it("are told from now", () => {
    expect(relativeTime("2026-11-21T09:59:55Z", now)).toBe("just now");
    expect(relativeTime("2026-11-21T09:55:00Z", now)).toBe("5 min. ago");
    expect(relativeTime("2026-11-20T09:00:00Z", now)).toBe("yesterday");
    expect(exactTime("2026-11-21T10:00:00Z")).toContain("2026");
  });
});

describe("cells", () => {
  it("keep every digit of what came as text", () => {
    expect(cell("12345678901234567890.10", "decimal(38,2)").text).toBe("12,345,678,901,234,567,890.10");
    expect(cell("9007199254740993", "int64").text).toBe("9,007,199,254,740,993");
  });

  it("leave years and what is no number of digits as they are", () => {
    expect(cell(2013, "int64").text).toBe("2013");
    expect(cell("NaN", "float64").text).toBe("NaN");
    expect(cell(1e21, "float64").text).toBe("1e+21");
  });

  it("tell null from the text null", () => {
    expect(cell(null, "string")).toEqual({ kind: "null", text: "null" });
    expect(cell("null", "string")).toEqual({ kind: "text", text: "null" });
  });

  it("show structures as JSON and align by type", () => {
    expect(cell([1, 2], "list(int64)")).toEqual({ kind: "structure", text: "[1,2]" });
    expect(["uint8", "datetime(UTC)", "string", "json"].map(columnKind)).toEqual([
      "number",
      "time",
      "text",
      "structure",
    ]);
  });

  it("get a column wide enough, within bounds", () => {
    expect(columnWidth("x", "int8", [1])).toBe(72);
    expect(columnWidth("note", "string", ["y".repeat(500)])).toBe(320);
  });
});
