import { describe, expect, it } from "vitest";
import { columnsOf, fromJson, parseTsv, paste, readCell, readRows, writeCell, writeRows } from "./mocks";

const COLUMNS = [
  { name: "ship", type: "string" },
  { name: "metres", type: "int64" },
];

describe("a cell", () => {
  const means = (typed: string, type: string | undefined) => {
    const read = readCell(typed, type);
    return "wrong" in read ? "wrong" : read.value;
  };
  it.each([
    ["", "int64", null],
    ["", "string", null],
    ['""', "string", ""],
    ["12", "int64", 12],
    ["1,200", "int64", 1200],
    ["1.5", "int64", "wrong"],
    ["-1", "uint8", "wrong"],
    ["9007199254740993", "int64", "9007199254740993"],
    ["2.50", "decimal(10,2)", "2.50"],
    ["2.50", "float64", 2.5],
    ["NaN", "float64", "NaN"],
    ["twelve", "float64", "wrong"],
    ["TRUE", "boolean", true],
    ["yes", "boolean", "wrong"],
    ["2024-03-01", "date", "2024-03-01"],
    ["1.3.2024", "date", "wrong"],
    ["2024-03-01 08:30", "datetime", "2024-03-01T08:30"],
    ["08:30", "time", "08:30"],
    ["[1, 2]", "list(int64)", [1, 2]],
    ["1, 2", "list(int64)", "wrong"],
    ['{"a": 1}', "json", { a: 1 }],
    ["12", "string", "12"],
    ["12", undefined, 12],
    ["Ida", undefined, "Ida"],
  ])("%j of %s means %j", (typed, type, value) => {
    expect(means(typed, type)).toEqual(value);
  });
  it("stands as it is read", () => {
    for (const [value, type] of [
      [null, "int64"],
      ["", "string"],
      [12, "int64"],
      [true, "boolean"],
      [[1], "list(int64)"],
    ] as const) {
      expect(means(writeCell(value), type)).toEqual(value);
    }
  });
});

describe("a pasted table", () => {
  it("is cut as spreadsheets copy it", () => {
    expect(parseTsv('a\tb\r\n1\t"x\ty"\r\n')).toEqual([
      ["a", "b"],
      ["1", "x\ty"],
    ]);
    expect(parseTsv('"say ""hi"""\t"two\nlines"')).toEqual([['say "hi"', "two\nlines"]]);
    expect(parseTsv("a\t\t\nb")).toEqual([["a", "", ""], ["b"]]);
    expect(parseTsv("one")).toEqual([["one"]]);
    expect(parseTsv('5" pipe\tx')).toEqual([['5" pipe', "x"]]);
  });
  it("fills cells from where one stands, and grows downwards only", () => {
    expect(paste([["Ida", "3"]], [["7", "lost"], ["8"]], { row: 0, column: 1 }, COLUMNS)).toEqual([
      ["Ida", "7"],
      ["", "8"],
    ]);
  });
  it("goes by the names of its first line where that names columns", () => {
    const table = [
      ["metres", "ship"],
      ["3", "Ida"],
    ];
    expect(paste([], table, { row: 0, column: 0 }, COLUMNS)).toEqual([["Ida", "3"]]);
  });
});

describe("rows", () => {
  it("are made of cells, and those that are wrong are named", () => {
    const { rows, wrong } = readRows(
      [
        ["Ida", "3"],
        ["", ""],
        ["Emma", "deep"],
      ],
      COLUMNS,
    );
    expect(rows).toEqual([{ ship: "Ida", metres: 3 }, { ship: "Emma" }]);
    expect([...wrong]).toEqual(["2:1"]);
    expect(writeRows([{ ship: "Ida", metres: 3 }], COLUMNS)).toEqual([["Ida", "3"]]);
  });
  it("are read from JSON, a list or one row", () => {
    expect(fromJson('[{"a": 1}, {"b": null}]')).toEqual([{ a: 1 }, { b: null }]);
    expect(fromJson('{"a": 1}')).toEqual([{ a: 1 }]);
    expect(fromJson("[1]")).toBeNull();
    expect(fromJson("{")).toBeNull();
    expect(columnsOf([{ a: 1 }, { b: 2, a: 3 }]).map(({ name }) => name)).toEqual(["a", "b"]);
  });
});
