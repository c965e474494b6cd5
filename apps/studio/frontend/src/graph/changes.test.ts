import { describe, expect, it } from "vitest";
import { changesOf, type SampleRows } from "./changes";

const sample = (columns: Record<string, string>, ...rows: unknown[][]): SampleRows => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows,
  row_count: rows.length,
});

const SHIPS = sample(
  { ship: "string", metres: "int64" },
  ["Ida", 3],
  ["Emma", null],
  ["Otto", 5],
  ["Otto", 5],
);

describe("what a node made of its rows", () => {
  it("names the columns that came, went, changed type or name", () => {
    const after = sample({ vessel: "string", metres: "string", deep: "boolean" });
    const { columns } = changesOf(
      "custom",
      { ...SHIPS, columns: [...SHIPS.columns, { name: "quay", type: "string" }] },
      after,
      { ship: "vessel" },
    );
    expect(columns.map(({ name, state, was }) => [name, state, was])).toEqual([
      ["vessel", "renamed", "ship"],
      ["metres", "retyped", "int64"],
      ["deep", "added", undefined],
      ["quay", "removed", undefined],
    ]);
  });
  it("marks each cell that says something else, and no other", () => {
    const after = sample(
      { ship: "string", metres: "int64", deep: "boolean" },
      ["Ida", 3, false],
      ["Emma", 0, false],
      ["Otto", 5, true],
      ["Otto", 5, true],
    );
    const { rows, cells, dropped } = changesOf("fill_null", SHIPS, after);
    expect(rows?.map(({ was }) => [...was])).toEqual([[], [[1, null]], [], []]);
    expect([cells, dropped]).toEqual([1, 0]);
  });
  it("takes a cast that reads the same for no change of the cell", () => {
    const after = sample(
      { ship: "string", metres: "string" },
      ["Ida", "3"],
      ["Emma", null],
      ["Otto", "5"],
      ["Otto", "5"],
    );
    expect(changesOf("cast", SHIPS, after).cells).toBe(0);
  });
  it("shows which rows a filter dropped, equal ones too", () => {
    const after = sample({ ship: "string", metres: "int64" }, ["Otto", 5], ["Otto", 5]);
    const { rows, dropped } = changesOf("filter", SHIPS, after);
    expect(rows?.map((row) => row.dropped)).toEqual([true, true, false, false]);
    expect(rows?.[0]?.values).toEqual(["Ida", 3]);
    expect(dropped).toBe(2);
    expect(
      changesOf("filter", SHIPS, sample({ ship: "string", metres: "int64" })).rows?.every(
        (row) => row.dropped,
      ),
    ).toBe(true);
  });
  it("counts what was dropped in the whole sample where only its first rows are shown", () => {
    const before = { ...SHIPS, row_count: 1000 };
    const after = {
      ...sample({ ship: "string", metres: "int64" }, ["Ida", 3], ["Gesine", 9]),
      row_count: 400,
    };
    const { rows, dropped } = changesOf("filter", before, after);
    expect(dropped).toBe(600);
    expect(rows?.map((row) => row.dropped)).toEqual([false, true, true, true]);
  });
  it("aligns nothing where rows are others than those that came", () => {
    const after = sample({ ship: "string", n: "int64" }, ["Otto", 2]);
    expect(changesOf("aggregate", SHIPS, after).rows).toBeNull();
    expect(changesOf("derive", SHIPS, sample({ ship: "string" }, ["Ida"])).rows).toBeNull();
    // Rows that were not among those that came: the sample before was another one.
    expect(
      changesOf("filter", SHIPS, sample({ ship: "string", metres: "int64" }, ["Gesine", 9])).rows,
    ).toBeNull();
  });
  it("shows what a select left out as removed, with what it held", () => {
    const after = sample({ metres: "int64" }, [3], [null], [5], [5]);
    const { columns, rows } = changesOf("select", SHIPS, after);
    expect(columns.map(({ state }) => state)).toEqual(["kept", "removed"]);
    expect(rows?.[0]?.values).toEqual([3, "Ida"]);
  });
});
