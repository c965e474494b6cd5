import { describe, expect, it } from "vitest";
import { kindOf, type MenuKind, offered } from "./menus";

const KINDS: MenuKind[] = ["node", "edge", "selection", "canvas"];

describe("menus", () => {
  it("offer nothing that no key does", () => {
    for (const kind of KINDS) {
      for (const shortcut of offered(kind, false).flat()) expect(shortcut.keys.length).toBeGreaterThan(0);
    }
    expect(offered("node", false).flat()).toHaveLength(7);
    expect(offered("selection", false).flat()).toHaveLength(10);
    expect(offered("canvas", false).flat()).toHaveLength(9);
  });

  it("offer those who may only look what changes nothing", () => {
    for (const kind of KINDS) {
      for (const shortcut of offered(kind, true).flat()) expect(shortcut.looking).toBe(true);
    }
    expect(offered("edge", true)).toEqual([]);
    expect(offered("node", true).flat().length).toBeGreaterThan(0);
  });

  it("are about what is selected", () => {
    expect([kindOf(2, 0), kindOf(1, 1), kindOf(0, 1), kindOf(0, 0)]).toEqual([
      "selection",
      "node",
      "edge",
      "canvas",
    ]);
  });
});
