import { describe, expect, it } from "vitest";
import { configFields } from "./configFields";

describe("config as fields", () => {
  it("shows each value as what it is", () => {
    const fields = configFields({
      operation: "join",
      connectorId: "c",
      expression: "a > 1",
      keepOutput: true,
      leftOn: ["origin", "time_hour"],
      expressions: { hours: "delay / 60" },
      aggregations: { delay: ["sum", "mean"] },
      by: [{ column: "delay", descending: true }],
      columns: [],
    });
    expect(fields.map(({ label, shown }) => [label, shown.kind])).toEqual([
      ["Expression", "code"],
      ["Keep output", "text"],
      ["Left on", "names"],
      ["Expressions", "pairs"],
      ["Aggregations", "pairs"],
      ["By", "json"],
      ["Columns", "json"],
    ]);
    expect(fields[4]?.shown).toEqual({ kind: "pairs", pairs: [["delay", "sum, mean"]] });
  });
});
