import { describe, expect, it } from "vitest";
import type { Table } from "~/api/types";
import { askElkForEntities, entities } from "./entities";

const table = (name: string, columns: string[], more: Partial<Table> = {}): Table => ({
  name,
  columns: columns.map((column) => ({ name: column, type: "string", nullable: true })),
  rows: null,
  keys: [],
  foreign_keys: [],
  ...more,
});
const harbours = table("harbours", ["name", "code"], { keys: ["code"] });
const ships = table("ships", ["id", "name", "home"], {
  keys: ["id"],
  foreign_keys: [{ columns: ["home"], references: "harbours", referenced_columns: [] }],
});
const tides = table("tides", ["at", "metres"]);

describe("tables as entities", () => {
  it("are those that a key joins, or all", () => {
    expect(entities([harbours, ships, tides]).entities.map(({ name }) => name)).toEqual([
      "harbours",
      "ships",
    ]);
    expect(entities([harbours, ships, tides], true).entities).toHaveLength(3);
  });

  it("lead by name to the primary key where a key does not say its columns", () => {
    expect(entities([harbours, ships]).links).toEqual([
      { id: "ships.home→harbours", from: "ships", to: "harbours", label: "home → code" },
    ]);
  });

  it("show keys first and never hide one, however wide the table", () => {
    const wide = table("wide", [...Array.from({ length: 40 }, (_, index) => `c${index}`), "id", "home"], {
      keys: ["id"],
      foreign_keys: [{ columns: ["home"], references: "harbours", referenced_columns: ["code"] }],
    });
    const found = entities([wide, harbours]).entities[0];
    expect(found?.columns.slice(0, 2).map(({ name }) => name)).toEqual(["id", "home"]);
    expect((found?.columns.length ?? 0) + (found?.hidden ?? 0)).toBe(42);
  });

  it("forget keys to tables that one may not see, and ask ELK for nothing that is not there", () => {
    const found = entities([ships], true);
    expect(found.links).toEqual([]);
    expect(askElkForEntities(found).edges).toEqual([]);
  });
});
