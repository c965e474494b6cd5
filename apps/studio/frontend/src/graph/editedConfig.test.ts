import { describe, expect, it } from "vitest";
import { editedConfig, editFields } from "./editedConfig";

const SCHEMA = {
  properties: {
    host: { type: "string" },
    port: { type: "integer", default: 5432 },
    sslmode: { enum: ["disable", "require"] },
    password: { type: "string", writeOnly: true },
  },
  required: ["host", "password"],
};
const SAVED = { host: "harbour.example", port: 5433, sslmode: "disable", password: { set: true } };
const fields = editFields(SCHEMA, SAVED, "kept");

describe("a config while it is edited", () => {
  it("shows what is saved, and of a secret only that it is kept", () => {
    expect(fields.map(({ name, initial }) => [name, initial])).toEqual([
      ["host", "harbour.example"],
      ["port", "5433"],
      ["sslmode", "disable"],
      ["password", ""],
    ]);
    expect(fields[3]).toMatchObject({ required: false, description: "kept" });
  });

  it("sends only what differs, so that a sealed secret is never sent or lost", () => {
    expect(editedConfig(fields, {})).toEqual({ config: {}, troubles: {} });
    expect(editedConfig(fields, { port: "5434", host: "harbour.example" }).config).toEqual({ port: 5434 });
    expect(editedConfig(fields, { password: "tide" }).config).toEqual({ password: "tide" });
  });

  it("sends null for a field that was emptied and refuses an empty one that is needed", () => {
    expect(editedConfig(fields, { sslmode: "" }).config).toEqual({ sslmode: null });
    expect(editedConfig(fields, { host: "" }).troubles).toEqual({ host: "required" });
  });

  it("asks for a secret that was never given", () => {
    expect(editFields(SCHEMA, { host: "x" }, "kept")[3]).toMatchObject({ required: true });
  });
});
