import { Autocomplete, Select, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { arity, familyOf, type Row, typedOf, type Value, valueFrom } from "~/graph/expressions/conditions";
import { text } from "~/text";
import styles from "./Conditions.module.css";
import formStyles from "./Form.module.css";
import type { Seen } from "./useSeen";

const words = text.inspector.conditions;

interface ValuesProps {
  row: Row;
  type: string | undefined;
  seen: Seen;
  onChange: (row: Row) => void;
}

/** The inputs for the values of a condition, as many as its operator takes, of the kind its column has. */
export function ConditionValues({ row, type, seen, onChange }: ValuesProps) {
  const wanted = arity(row.operator);
  const [given, another] = row.values;
  if (wanted === 0) return null;
  if (wanted === null) return <ManyValues row={row} type={type} seen={seen} onChange={onChange} />;
  const column = row.column;
  if (wanted === 1) {
    const set = (value: Value | null) => onChange({ ...row, values: value === null ? [] : [value] });
    return (
      <OneValue key={column} label={words.value} {...{ value: given, type, column, seen }} onChange={set} />
    );
  }
  return <Range key={column} {...{ low: given, high: another, row, type, seen, onChange }} />;
}

interface RangeProps extends ValuesProps {
  low: Value | undefined;
  high: Value | undefined;
}

/** Both ends: one alone says nothing yet, and is kept here until the other is there. */
function Range({ low, high, row, type, seen, onChange }: RangeProps) {
  const [half, setHalf] = useState<[Value | undefined, Value | undefined]>([low, high]);
  const ends = low !== undefined && high !== undefined ? ([low, high] as const) : half;
  const set = (place: 0 | 1, value: Value | null) => {
    const next: [Value | undefined, Value | undefined] = [ends[0], ends[1]];
    next[place] = value ?? undefined;
    setHalf(next);
    onChange({ ...row, values: next.every((each) => each !== undefined) ? (next as [Value, Value]) : [] });
  };
  const common = { type, column: row.column, seen };
  return (
    <div className={styles.range}>
      <OneValue label={words.from} value={ends[0]} {...common} onChange={(value) => set(0, value)} />
      <span className={styles.soft}>–</span>
      <OneValue label={words.to} value={ends[1]} {...common} onChange={(value) => set(1, value)} />
    </div>
  );
}

const NATIVE = { date: "date", datetime: "datetime-local", time: "time" } as const;
/** What the browser's own input of a moment can hold; all else is typed as text. */
const FITS = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z?$/,
  time: /^\d{2}:\d{2}(:\d{2})?$/,
} as const;

interface OneValueProps {
  label: string;
  value: Value | undefined;
  type: string | undefined;
  column: string;
  seen: Seen;
  onChange: (value: Value | null) => void;
}

function OneValue({ label, value, type, column, seen, onChange }: OneValueProps) {
  const family = familyOf(type);
  const [typed, setTyped] = useState<string | null>(null);
  const said = value === undefined ? "" : typedOf(value);
  const shown = typed !== null && (value === undefined || sameAs(typed, value, type)) ? typed : said;
  const set = (next: string) => {
    setTyped(next);
    onChange(next === "" && family !== "text" ? null : valueFrom(next, type));
  };
  if (family === "boolean" && value?.kind !== "parameter") {
    return (
      <Select
        size="xs"
        aria-label={label}
        data={[
          { value: "true", label: words.yes },
          { value: "false", label: words.no },
        ]}
        value={said || null}
        allowDeselect={false}
        placeholder={label}
        onChange={(next) => next && onChange({ kind: "boolean", text: next })}
      />
    );
  }
  const native = family === "date" || family === "datetime" || family === "time" ? family : null;
  if (native !== null && (shown === "" || FITS[native].test(shown))) {
    // A moment with a zone is said in UTC, as it is shown everywhere.
    const zoned = type?.includes("(") ?? false;
    return (
      <TextInput
        size="xs"
        type={NATIVE[native]}
        {...(native !== "date" && { step: 1 })}
        aria-label={label}
        value={shown.replace(/Z$/, "")}
        rightSection={zoned ? <span className={styles.unit}>{words.utc}</span> : null}
        onChange={({ currentTarget: { value: next } }) => set(next !== "" && zoned ? `${next}Z` : next)}
      />
    );
  }
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      placeholder={label}
      data={seen.values(column)}
      renderOption={({ option }) => (
        <div className={formStyles.option}>
          <span>{option.value === "" ? '""' : option.value}</span>
          <code className="numbers">{seen.times(column, option.value)}</code>
        </div>
      )}
      value={shown}
      error={shown !== "" && valueFrom(shown, type) === null}
      {...(family === "number" && { inputMode: "decimal" as const })}
      maxDropdownHeight={220}
      onFocus={seen.ask}
      onChange={set}
    />
  );
}

const sameAs = (typed: string, value: Value, type: string | undefined): boolean => {
  const read = valueFrom(typed, type);
  return read !== null && read.kind === value.kind && read.text === value.text;
};

function ManyValues({ row, type, seen, onChange }: ValuesProps) {
  return (
    <TagsInput
      size="xs"
      aria-label={words.values}
      placeholder={row.values.length === 0 ? words.values : ""}
      data={seen.values(row.column)}
      renderOption={({ option }) => (
        <div className={formStyles.option}>
          <span>{option.value}</span>
          <code className="numbers">{seen.times(row.column, option.value)}</code>
        </div>
      )}
      value={row.values.map(typedOf)}
      maxDropdownHeight={220}
      onFocus={seen.ask}
      onChange={(typed) => onChange({ ...row, values: typed.flatMap((each) => valueFrom(each, type) ?? []) })}
    />
  );
}
