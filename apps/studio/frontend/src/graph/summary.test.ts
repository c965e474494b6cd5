import { describe, expect, it } from "vitest";
import { summary } from "./summary";

const say = (config: Record<string, unknown>) =>
  summary({
    label: "x",
    icon: null,
    nodeType: "transform",
    connectorId: null,
    connectorType: null,
    description: "",
    config,
  });

describe("the line under a node's name", () => {
  it("says what the operation works on", () => {
    expect(say({ operation: "filter", expression: "dep_delay > 15\n AND month = 1" })).toBe(
      "filter · dep_delay > 15 AND month = 1",
    );
    expect(say({ operation: "derive", expressions: { hours: "a / 60", day: "b" } })).toBe(
      "derive · hours, day",
    );
    expect(say({ operation: "sort", by: ["carrier", { column: "delay", descending: true }] })).toBe(
      "sort · carrier, delay",
    );
    expect(say({ operation: "fill_null", value: 0 })).toBe("fill null");
    expect(say({})).toBeNull();
  });
});
