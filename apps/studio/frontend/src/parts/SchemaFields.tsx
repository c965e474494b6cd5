import { JsonInput, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import type { FieldTrouble, FormField } from "~/graph/schemaForm";
import { text } from "~/text";

interface SchemaFieldsProps {
  fields: readonly FormField[];
  texts: Readonly<Record<string, string>>;
  /** What is wrong, by field: what could not be read, or what the server said. */
  troubles: Readonly<Record<string, FieldTrouble | string>>;
  onChange: (name: string, value: string) => void;
}

const said = (trouble: string | undefined) =>
  trouble === undefined ? undefined : (text.field[trouble as FieldTrouble] ?? trouble);

/** The inputs of a form that a JSON Schema describes. */
export function SchemaFields({ fields, texts, troubles, onChange }: SchemaFieldsProps) {
  return fields.map((field) => {
    const value = texts[field.name] ?? field.initial;
    const common = {
      label: field.label,
      description: field.description || undefined,
      required: field.required,
      error: said(troubles[field.name]),
    };
    switch (field.kind) {
      case "switch":
        return (
          <Switch
            key={field.name}
            label={field.label}
            description={common.description}
            error={common.error}
            checked={value === "true"}
            onChange={(event) => onChange(field.name, String(event.currentTarget.checked))}
          />
        );
      case "choice":
        return (
          <Select
            key={field.name}
            {...common}
            data={field.options}
            value={value === "" ? null : value}
            allowDeselect={!field.required}
            onChange={(chosen) => onChange(field.name, chosen ?? "")}
          />
        );
      case "secret":
        return (
          <PasswordInput
            key={field.name}
            {...common}
            description={common.description ?? text.connectors.secretHint}
            autoComplete="new-password"
            value={value}
            onChange={(event) => onChange(field.name, event.currentTarget.value)}
          />
        );
      case "json":
        return (
          <JsonInput
            key={field.name}
            {...common}
            autosize
            minRows={2}
            maxRows={8}
            value={value}
            onChange={(changed) => onChange(field.name, changed)}
          />
        );
      default:
        return (
          <TextInput
            key={field.name}
            {...common}
            inputMode={field.kind === "text" ? "text" : "decimal"}
            value={value}
            onChange={(event) => onChange(field.name, event.currentTarget.value)}
          />
        );
    }
  });
}
