import { expect, test } from "vitest";
import { nodeShapes } from "./shapes";

test("boxes of one kind are one path, each at its place and in its size", () => {
  const boxes = [
    { position: { x: 0, y: 0 }, width: 216, height: 60, kind: "transform" },
    { position: { x: 300, y: -20 }, width: 216, height: 60, kind: "connector" },
    { position: { x: 600, y: 0 }, width: 100, height: 40, kind: "transform" },
  ];
  expect([...nodeShapes(boxes, ({ kind }) => kind)]).toEqual([
    ["transform", "M0 0h216v60h-216zM600 0h100v40h-100z"],
    ["connector", "M300 -20h216v60h-216z"],
  ]);
});
