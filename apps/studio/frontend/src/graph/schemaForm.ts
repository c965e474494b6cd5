/** A form from a JSON Schema: which fields, of which kind, and what the texts typed into them mean. */

export interface JsonSchema {
  title?: string;
  description?: string;
  type?: string | string[];
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  widget?: string;
  writeOnly?: boolean;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

export type FieldKind = "text" | "secret" | "whole" | "number" | "switch" | "choice" | "json";

export interface FormField {
  name: string;
  label: string;
  description: string;
  kind: FieldKind;
  required: boolean;
  /** The text that the field shows at first. */
  initial: string;
  options: string[];
}

function resolved(schema: JsonSchema, defs: Record<string, JsonSchema>): JsonSchema {
  const target = schema.$ref ? defs[schema.$ref.split("/").at(-1) ?? ""] : undefined;
  return target ? { ...target, ...schema } : schema;
}

/** The one thing a nullable field may be besides null. */
function plain(schema: JsonSchema, defs: Record<string, JsonSchema>): JsonSchema {
  const own = resolved(schema, defs);
  const choices = (own.anyOf ?? []).filter((each) => each.type !== "null");
  const only = choices.length === 1 ? choices[0] : undefined;
  return only ? { ...resolved(only, defs), ...own } : own;
}

function kindOf(schema: JsonSchema): FieldKind {
  if (schema.writeOnly) return "secret";
  if (schema.enum) return "choice";
  switch (schema.type) {
    case "boolean":
      return "switch";
    case "integer":
      return "whole";
    case "number":
      return "number";
    case "string":
      return "text";
    default:
      return "json";
  }
}

/** `pool_size` → `Pool size` */
const spoken = (name: string) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const initialOf = (value: unknown): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** The fields of an object's schema, in its order; hidden ones are left out. */
export function formFields(schema: JsonSchema): FormField[] {
  const defs = schema.$defs ?? {};
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .map(([name, given]) => [name, plain(given, defs)] as const)
    .filter(([, each]) => each.widget !== "hidden")
    .map(([name, each]) => ({
      name,
      label: each.title ?? spoken(name),
      description: each.description ?? "",
      kind: kindOf(each),
      required: required.has(name),
      initial: initialOf(each.default),
      options: (each.enum ?? []).map(String),
    }));
}

export type FieldTrouble = "required" | "not_whole" | "not_a_number" | "not_json";

function readText(field: FormField, text: string): { value: unknown } | { trouble: FieldTrouble } {
  switch (field.kind) {
    case "switch":
      return { value: text === "true" };
    case "whole":
      return /^\s*[+-]?\d+\s*$/.test(text) ? { value: Number(text) } : { trouble: "not_whole" };
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text))
        ? { value: Number(text) }
        : { trouble: "not_a_number" };
    case "json":
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        return { trouble: "not_json" };
      }
    default:
      return { value: text };
  }
}

/** What was typed as a body; a field left empty is left out, so that the server's default holds. */
export function readForm(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
): { values: Record<string, unknown>; troubles: Record<string, FieldTrouble> } {
  const values: Record<string, unknown> = {};
  const troubles: Record<string, FieldTrouble> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? field.initial;
    if (text === "") {
      if (field.required) troubles[field.name] = "required";
      continue;
    }
    const read = readText(field, text);
    if ("value" in read) values[field.name] = read.value;
    else troubles[field.name] = read.trouble;
  }
  return { values, troubles };
}
