import { describe, expect, it } from "vitest";
import { formFields, type JsonSchema, readForm } from "./schemaForm";

const postgres: JsonSchema = {
  properties: {
    host: { type: "string", title: "Host" },
    port: { type: "integer", default: 5432 },
    password: { type: "string", writeOnly: true },
    sslmode: { $ref: "#/$defs/Mode", default: "prefer" },
    headers: { type: "object" },
    pool_size: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, description: "Connections" },
    read_only: { type: "boolean", default: false },
    operation: { type: "string", widget: "hidden" },
  },
  required: ["host", "password"],
  $defs: { Mode: { enum: ["disable", "prefer", "require"] } },
};

describe("a form from a schema", () => {
  const fields = formFields(postgres);

  it("has a field of the right kind for each property, but hidden ones", () => {
    expect(fields.map(({ name, kind, initial }) => [name, kind, initial])).toEqual([
      ["host", "text", ""],
      ["port", "whole", "5432"],
      ["password", "secret", ""],
      ["sslmode", "choice", "prefer"],
      ["headers", "json", ""],
      ["pool_size", "whole", ""],
      ["read_only", "switch", "false"],
    ]);
    expect(fields.map(({ label }) => label).slice(0, 6)).toEqual([
      "Host",
      "Port",
      "Password",
      "Sslmode",
      "Headers",
      "Pool size",
    ]);
    expect(fields.at(3)?.options).toEqual(["disable", "prefer", "require"]);
  });

  it("gives a body in which what was left empty is left out", () => {
    const { values, troubles } = readForm(fields, { host: "db", password: "p", headers: '{"a": 1}' });
    expect(troubles).toEqual({});
    expect(values).toEqual({
      host: "db",
      port: 5432,
      password: "p",
      sslmode: "prefer",
      headers: { a: 1 },
      read_only: false,
    });
  });

  it("says what is missing and what cannot be read", () => {
    expect(readForm(fields, { port: "many", headers: "{", pool_size: "1.5" }).troubles).toEqual({
      host: "required",
      port: "not_whole",
      password: "required",
      headers: "not_json",
      pool_size: "not_whole",
    });
  });
});
