import { Autocomplete, type AutocompleteProps, TagsInput } from "@mantine/core";
import type { Column } from "~/graph/schema";
import { text } from "~/text";
import styles from "./Form.module.css";

interface ColumnInputProps {
  label: string;
  value: string;
  columns: readonly Column[];
  onChange: (value: string) => void;
  wrong?: boolean;
  placeholder?: string;
}

const typesOf = (columns: readonly Column[]) => new Map(columns.map(({ name, type }) => [name, type]));

const option =
  (types: ReadonlyMap<string, string>): NonNullable<AutocompleteProps["renderOption"]> =>
  ({ option: { value } }) => (
    <div className={styles.option}>
      <span>{value}</span>
      <code>{types.get(value)}</code>
    </div>
  );

/** One column: those that arrive are offered, any other may be typed and is marked as unknown. */
export function ColumnInput({
  label,
  value,
  columns,
  onChange,
  wrong = false,
  placeholder,
}: ColumnInputProps) {
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      placeholder={placeholder ?? text.editor.form.column}
      data={columns.map(({ name }) => name)}
      renderOption={option(typesOf(columns))}
      value={value}
      error={wrong}
      selectFirstOptionOnChange
      onChange={onChange}
    />
  );
}

interface ColumnsInputProps {
  label: string;
  value: readonly string[];
  columns: readonly Column[];
  onChange: (value: string[]) => void;
  wrong?: boolean;
}

/** Several columns in their order. */
export function ColumnsInput({ label, value, columns, onChange, wrong = false }: ColumnsInputProps) {
  return (
    <TagsInput
      size="xs"
      aria-label={label}
      placeholder={value.length === 0 ? text.editor.form.addColumn : ""}
      data={columns.map(({ name }) => name)}
      renderOption={option(typesOf(columns))}
      value={[...value]}
      error={wrong}
      selectFirstOptionOnChange
      maxDropdownHeight={240}
      onChange={onChange}
    />
  );
}
