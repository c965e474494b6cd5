import { describe, expect, it } from "vitest";
import { detailAt, MANY, whileMoving } from "./detail";
import type { DiagramEdge } from "./diagram";
import { edgeLines, handlePlaces } from "./handles";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

const port = (name: string) => ({ name, kind: "data" as const });
const plain = { inputs: [port("input")], outputs: [port("output")], aside: [port("error")] };

describe("places of handles", () => {
  it("stand on the borders of the card: inputs left, outputs right, the rest below", () => {
    const places = new Map(handlePlaces(plain).map((place) => [place.id, place]));
    const middle = (id: string) => {
      const { x, y, width, height } = places.get(id) as NonNullable<ReturnType<typeof places.get>>;
      return { x: x + width / 2, y: y + height / 2 };
    };
    expect(middle("input")).toEqual({ x: 1, y: NODE_HEIGHT / 2 });
    expect(middle("output")).toEqual({ x: NODE_WIDTH - 1, y: NODE_HEIGHT / 2 });
    expect(middle("error").y).toBe(NODE_HEIGHT - 1);
  });

  it("share the height where there are several", () => {
    const [left, right] = handlePlaces({ inputs: [port("left"), port("right")], outputs: [], aside: [] });
    expect((left?.y ?? 0) < (right?.y ?? 0)).toBe(true);
  });
});

describe("lines from far away", () => {
  const node = (id: string, x: number) => ({ id, position: { x, y: 0 }, handles: handlePlaces(plain) });
  const edge = (id: string, source: string, target: string, sourceHandle = "output") =>
    ({ id, source, target, sourceHandle, targetHandle: "input" }) as DiagramEdge;

  it("are one path for each kind, and skip what leads nowhere", () => {
    const edges = [
      edge("1", "a", "b"),
      edge("2", "b", "a"),
      edge("3", "a", "b", "error"),
      edge("4", "a", "gone"),
    ];
    const lines = edgeLines([node("a", 0), node("b", 300)], edges, ({ sourceHandle }) => sourceHandle);
    expect([...lines.keys()]).toEqual(["output", "error"]);
    expect(lines.get("output")?.match(/M/g)).toHaveLength(2);
    expect(lines.get("output")).toMatch(/^M215 30C/);
  });

  it("go round between the rows where they lead back", () => {
    const below = { ...node("b", 0), position: { x: 0, y: 200 } };
    const lines = edgeLines([node("a", 600), below], [edge("1", "a", "b")], () => "data");
    expect(lines.get("data")).toBe("M815 30h20V130H-19V230H1");
  });
});

describe("how much is drawn", () => {
  it("falls with the distance, but only among many", () => {
    expect(detailAt(0.05, MANY)).toBe("full");
    expect(whileMoving("shape", "full")).toBe("shape");
    expect(whileMoving("full", "shape")).toBe("shape");
    expect([1, 0.4, 0.1].map((zoom) => detailAt(zoom, MANY + 1))).toEqual(["full", "name", "shape"]);
  });
});
