import { describe, expect, it } from "vitest";
import { readDiagram } from "./diagram";
import { BOX, sketch } from "./sketch";

const node = (id: string, x: number, y: number, operation = "filter") => ({
  id,
  position: { x, y },
  data: { label: id, nodeType: "transform", config: { operation } },
});
const edge = (source: string, target: string, sourceHandle = "output") => ({
  id: `${source}-${target}`,
  source,
  target,
  sourceHandle,
  targetHandle: "input",
});

describe("a sketch of a diagram", () => {
  it("begins at its own corner wherever the nodes lie on the canvas", () => {
    const near = sketch(
      readDiagram({ nodes: [node("a", 0, 0), node("b", 272, 128)], edges: [edge("a", "b")] }),
    );
    const far = sketch(
      readDiagram({ nodes: [node("a", 5000, -900), node("b", 5272, -772)], edges: [edge("a", "b")] }),
    );
    expect(far).toEqual(near);
    expect(near.boxes[0]?.x).toBe(near.boxes[0]?.y);
  });

  it("holds every box whole", () => {
    const { width, height, boxes } = sketch(
      readDiagram({ nodes: [node("a", 0, 0), node("b", 816, 256), node("c", 272, 128)], edges: [] }),
    );
    for (const { x, y } of boxes) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + BOX.width).toBeLessThan(width);
      expect(y + BOX.height).toBeLessThan(height);
    }
  });

  it("draws each edge from the right of a box to the left of another, and tells errors apart", () => {
    const { boxes, lines } = sketch(
      readDiagram({
        nodes: [node("a", 0, 0), node("b", 272, 0), node("c", 272, 128)],
        edges: [edge("a", "b"), edge("a", "c", "error")],
      }),
    );
    expect(lines.map(({ failed }) => failed)).toEqual([false, true]);
    const [a, b] = boxes;
    expect(lines[0]?.path.startsWith(`M${(a?.x ?? 0) + BOX.width} `)).toBe(true);
    expect(lines[0]?.path.endsWith(` ${b?.x} ${(b?.y ?? 0) + BOX.height / 2}`)).toBe(true);
  });

  it("is empty for an empty diagram, not infinite", () => {
    const { width, height, boxes } = sketch(readDiagram({}));
    expect(boxes).toEqual([]);
    expect(Number.isFinite(width) && Number.isFinite(height)).toBe(true);
  });
});
