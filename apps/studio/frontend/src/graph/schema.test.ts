import { describe, expect, it } from "vitest";
import { columnsIn, columnsOut, readSchema } from "./schema";

const carrier = { name: "carrier", type: "string", nullable: true };
const edge = {
  id: "e",
  source: "a",
  target: "b",
  sourceHandle: "success",
  targetHandle: "input",
  label: null,
};

describe("columns on edges", () => {
  const schema = readSchema({
    a: { output: [carrier], wide: { dynamic: true, columns: [carrier] } },
    b: null,
  });

  it("are read from lists and from ports that only the data knows", () => {
    expect(columnsOut(schema, "a", "output")).toEqual({ columns: [carrier], dynamic: false });
    expect(columnsOut(schema, "a", "wide")).toEqual({ columns: [carrier], dynamic: true });
  });

  it("of success are those of the output", () => {
    expect(columnsIn(schema, [edge], "b")).toEqual([
      { edge, columns: { columns: [carrier], dynamic: false } },
    ]);
  });

  it("that nobody knows are null, not empty", () => {
    expect(columnsOut(schema, "b", "output")).toBeNull();
    expect(readSchema(undefined)).toEqual({});
  });
});
