import { describe, expect, it } from "vitest";
import { initialText, readParameters } from "./parameters";

describe("the form of a run", () => {
  const declared = {
    month: { type: "int64", default: 1 },
    share: { type: "float64" },
    carrier: { type: "string", default: "UA" },
    only_late: { type: "boolean", default: true },
    codes: { type: "list(string)", default: ["a"] },
  };

  it("begins with the defaults", () => {
    expect(Object.values(declared).map(initialText)).toEqual(["1", "", "UA", "true", '["a"]']);
  });

  it("sends values of the declared types and leaves out what was left empty", () => {
    const { values, errors } = readParameters(declared, {
      month: "12",
      carrier: "",
      only_late: "false",
      share: "0.5",
    });
    expect(errors).toEqual({});
    expect(values).toEqual({ month: 12, only_late: false, share: 0.5, codes: ["a"] });
  });

  it("says what cannot be read", () => {
    expect(readParameters(declared, { month: "1.5", share: "much", codes: "[" }).errors).toEqual({
      month: "not_whole",
      share: "not_a_number",
      codes: "not_json",
    });
  });

  it("keeps every digit of a whole number beyond a double", () => {
    expect(readParameters({ id: { type: "int64" } }, { id: "9007199254740993" }).values).toEqual({
      id: "9007199254740993",
    });
  });
});
