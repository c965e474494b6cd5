/** A connector's config while it is edited: secrets are never known here, and stay unless they are typed anew. */

import { type FieldTrouble, type FormField, formFields, type JsonSchema, readForm } from "./schemaForm";

const written = (value: unknown): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** The fields with what is saved in them; a sealed one is empty, not needed, and says `keep`. */
export function editFields(
  schema: JsonSchema,
  config: Readonly<Record<string, unknown>>,
  keep: string,
): FormField[] {
  return formFields(schema).map((field) => {
    if (field.kind === "secret") {
      return config[field.name] == null
        ? field
        : { ...field, required: false, initial: "", description: keep };
    }
    return { ...field, initial: field.name in config ? written(config[field.name]) : field.initial };
  });
}

/** What differs from what is saved; a field that was emptied is null. */
export function editedConfig(
  fields: readonly FormField[],
  texts: Readonly<Record<string, string>>,
): { config: Record<string, unknown>; troubles: Record<string, FieldTrouble> } {
  const { values, troubles } = readForm(fields, texts);
  const changed = fields.filter(({ name, initial }) => texts[name] !== undefined && texts[name] !== initial);
  return {
    config: Object.fromEntries(changed.map(({ name }) => [name, values[name] ?? null])),
    troubles,
  };
}
