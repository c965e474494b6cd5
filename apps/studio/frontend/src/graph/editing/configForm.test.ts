import { describe, expect, it } from "vitest";
import { concerns, configForm, readAggregations, readSort, writeAggregations, writeSort } from "./configForm";
import { proposeKeys } from "./joining";

const SCHEMA = {
  properties: {
    operation: { type: "string", widget: "hidden" },
    connectorId: { anyOf: [{ type: "string" }, { type: "null" }], widget: "connector", default: null },
    expression: { type: "string", widget: "expression", title: "Condition", description: "Rows to keep" },
    columns: { anyOf: [{ type: "array", widget: "columns" }, { type: "null" }], default: null },
    leftOn: { type: "array", widget: "columns", port: "left", title: "Left keys" },
    n: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }], default: null },
    how: { type: "string", enum: ["vertical", "diagonal"], default: "vertical" },
    parts: { type: "array", items: { type: "string", enum: ["year", "month"] } },
    into: { type: "array", items: { type: "string" } },
    cursor: { type: "object" },
    retryCount: { type: "integer", default: 0, minimum: 0, maximum: 100 },
  },
  required: ["operation", "expression"],
} as never;

describe("the form of a config", () => {
  const { own, common } = configForm(SCHEMA);
  const field = (key: string) => own.find((each) => each.key === key);
  it("chooses an input for each field", () => {
    expect(Object.fromEntries(own.map(({ key, widget }) => [key, widget]))).toEqual({
      connectorId: "connector",
      expression: "expression",
      columns: "columns",
      leftOn: "columns",
      n: "whole",
      how: "choice",
      parts: "choices",
      into: "names",
      cursor: "json",
    });
  });
  it("knows labels, what is required, bounds and whose columns are meant", () => {
    expect(field("expression")).toMatchObject({
      label: "Condition",
      required: true,
      description: "Rows to keep",
    });
    expect(field("leftOn")?.port).toBe("left");
    expect(field("n")).toMatchObject({ required: false, least: 0 });
    expect(field("parts")?.options).toEqual(["year", "month"]);
  });
  it("puts what every node knows on a page of its own", () => {
    expect(common.map(({ key }) => key)).toEqual(["retryCount"]);
    expect(common[0]).toMatchObject({ usual: 0, least: 0, most: 100 });
  });
  it("finds the problems of a field", () => {
    expect(concerns("config.columns", "columns")).toBe(true);
    expect(concerns("config.expressions.total", "expressions")).toBe(true);
    expect(concerns("config.columnsOther", "columns")).toBe(false);
    expect(concerns("connectorId", "connectorId")).toBe(true);
    expect(concerns(null, "columns")).toBe(false);
  });
});

describe("orders and aggregations", () => {
  it("are read in every spelling and written as short as can be", () => {
    const keys = readSort(["a", { column: "b", descending: true }, { column: "c", nullsLast: false }, 4]);
    expect(keys.map(({ column }) => column)).toEqual(["a", "b", "c"]);
    expect(writeSort(keys)).toEqual([
      "a",
      { column: "b", descending: true },
      { column: "c", nullsLast: false },
    ]);
    expect(readSort("a")).toEqual([{ column: "a", descending: false, nullsLast: true }]);
    expect(readSort(null)).toEqual([]);
  });
  it("name their results", () => {
    const rows = readAggregations({
      delay: ["mean", "max"],
      distance: "sum",
      flights: { function: "count" },
      late: { column: "delay", function: "quantile", q: 0.9 },
    });
    expect(rows.map(({ name }) => name)).toEqual([
      "delay_mean",
      "delay_max",
      "distance_sum",
      "flights",
      "late",
    ]);
    expect(writeAggregations(rows)).toEqual({
      delay_mean: { column: "delay", function: "mean" },
      delay_max: { column: "delay", function: "max" },
      distance_sum: { column: "distance", function: "sum" },
      flights: { function: "count" },
      late: { column: "delay", function: "quantile", q: 0.9 },
    });
  });
});

describe("join keys", () => {
  const column = (name: string, type = "string") => ({ name, type, nullable: true });
  it("are proposed from names and types, keys before other names", () => {
    const left = [column("name"), column("carrierCode"), column("tail_num"), column("seats", "int32")];
    const right = [column("name"), column("carrier_code"), column("tail_num"), column("seats", "string")];
    expect(proposeKeys(left, right)).toEqual([
      { left: "carrierCode", right: "carrier_code" },
      { left: "tail_num", right: "tail_num" },
      { left: "name", right: "name" },
    ]);
  });
  it("are found where one side leaves out what it is the key of", () => {
    const pairs = proposeKeys([column("customer_id", "int64")], [column("id", "int32"), column("name")]);
    expect(pairs).toEqual([{ left: "customer_id", right: "id" }]);
    expect(proposeKeys([column("a")], [column("b")])).toEqual([]);
  });
});
