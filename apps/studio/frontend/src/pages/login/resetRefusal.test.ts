import { describe, expect, it } from "vitest";
import { Problem } from "~/api/client";
import { resetRefusalOf } from "./resetRefusal";

const refused = (errors: { field: string; message: string }[]) =>
  new Problem(
    400,
    "invalid",
    "The request is not valid",
    "Ask for a new one",
    errors.map((error) => ({ ...error, code: "invalid" })),
  );

describe("a refused reset", () => {
  it("puts every weakness of the password at its field", () => {
    const found = resetRefusalOf(
      refused([
        { field: "password", message: "Too short." },
        { field: "password", message: "Too common." },
      ]),
    );
    expect(found).toEqual({ weak: "Too short. Too common.", title: null, hint: null });
  });

  it("says that the link is used or old", () => {
    const found = resetRefusalOf(refused([{ field: "token", message: "The link is not good" }]));
    expect(found.weak).toBeNull();
    expect(found.title).toMatch(/link/i);
  });

  it("passes on what else the server says", () => {
    const found = resetRefusalOf(
      new Problem(0, "unreachable", "The server cannot be reached.", "Try again."),
    );
    expect(found).toEqual({ weak: null, title: "The server cannot be reached.", hint: "Try again." });
  });
});
