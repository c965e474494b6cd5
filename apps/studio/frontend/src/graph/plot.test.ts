import { describe, expect, it } from "vitest";
import { everyMinute, line, stacks } from "./plot";

describe("stacks", () => {
  it("share one scale and lie on each other in the order asked for", () => {
    const [one, two] = stacks([{ ok: 3, bad: 1 }, { ok: 2 }], ["ok", "bad"]);
    expect(one).toEqual({
      total: 4,
      parts: [
        { key: "ok", from: 0, height: 0.75 },
        { key: "bad", from: 0.75, height: 0.25 },
      ],
    });
    expect(two).toEqual({ total: 2, parts: [{ key: "ok", from: 0, height: 0.5 }] });
  });

  it("of nothing are empty, not broken", () => {
    expect(stacks([{ ok: 0 }], ["ok"])).toEqual([{ total: 0, parts: [] }]);
    expect(stacks([], ["ok"])).toEqual([]);
  });
});

describe("minutes", () => {
  const now = Date.parse("2026-11-21T10:05:40Z");
  it("without a row are there too, and old rows are not", () => {
    const rows = [{ minute: "2026-11-21T10:04:00Z" }, { minute: "2026-11-21T09:00:00Z" }];
    expect(
      everyMinute(rows, now, 3).map(({ at, row }) => [new Date(at).toISOString(), row?.minute ?? null]),
    ).toEqual([
      ["2026-11-21T10:03:00.000Z", null],
      ["2026-11-21T10:04:00.000Z", "2026-11-21T10:04:00Z"],
      ["2026-11-21T10:05:00.000Z", null],
    ]);
  });
});

describe("lines", () => {
  it("fill their box, with the most at the top", () => {
    expect(line([0, 5, 10], 100, 20)).toBe("0,20 50,10 100,0");
  });

  it("of zeros lie at the bottom, and of one point begin at the left", () => {
    expect(line([0, 0], 10, 4)).toBe("0,4 10,4");
    expect(line([3], 10, 4)).toBe("0,0");
  });
});
