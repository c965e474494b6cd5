import { describe, expect, it } from "vitest";
import { inOrder, moved, withUnread } from "./order";

describe("the order of a job", () => {
  it("moves one to another place, and no further than the ends", () => {
    expect(moved(["a", "b", "c"], "c", 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b", "c"], "a", 9)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  });

  it("puts what is named first and leaves the others as they were", () => {
    const rows = ["a", "b", "c", "d"].map((id) => ({ id }));
    expect(inOrder(rows, ["d", "gone", "b"]).map(({ id }) => id)).toEqual(["d", "b", "a", "c"]);
    expect(inOrder(rows, [])).toEqual(rows);
  });

  it("keeps what was named but not read yet behind what was read", () => {
    expect(withUnread(["b", "a"], ["a", "b", "far"])).toEqual(["b", "a", "far"]);
    expect(withUnread(["b", "a"], [])).toEqual(["b", "a"]);
  });
});
