import { describe, expect, it } from "vitest";
import { MARGINS, openingView, READABLE } from "./opening";

const chain = (nodes: number) => Array.from({ length: nodes }, (_, index) => ({ x: index * 288, y: 0 }));
const room = { width: 900, height: 500 };

describe("what one sees first of a graph", () => {
  it("is a small graph in its real size, in the middle", () => {
    const { x, y, zoom } = openingView([{ x: 100, y: 40 }], room, READABLE);
    expect(zoom).toBe(1);
    expect(x + 100 + 108).toBe(450);
    expect(y + 40 + 30).toBe((MARGINS.top + 500 - MARGINS.bottom) / 2);
  });

  it("is the whole graph where that can be read", () => {
    const { x, zoom } = openingView(chain(4), room, READABLE);
    expect(zoom).toBeGreaterThan(READABLE);
    expect(x).toBeCloseTo(MARGINS.left);
    expect((3 * 288 + 216) * zoom + x).toBeCloseTo(900 - MARGINS.right);
  });

  it("is the beginning of a chain that is too long to be read as a whole", () => {
    const { x, zoom } = openingView(chain(40), room, READABLE);
    expect(zoom).toBe(READABLE);
    expect(x).toBe(MARGINS.left);
  });

  it("is all of a very large graph, which one looks at from far away", () => {
    const { zoom } = openingView(chain(400), room, 0.005);
    expect(400 * 288 * zoom).toBeLessThan(900);
  });

  it("leaves an empty canvas alone", () => {
    expect(openingView([], room, READABLE)).toEqual({ x: 0, y: 0, zoom: 1 });
  });
});
