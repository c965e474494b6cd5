import { ActionIcon, Button, NumberInput, Select, Switch, TextInput, Tooltip } from "@mantine/core";
import { ArrowDownAZ, ArrowUpAZ, Plus, X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { ProblemOfNode } from "~/api/types";
import {
  type Aggregation,
  fromPairs,
  readAggregations,
  readSort,
  toPairs,
  writeAggregations,
  writeSort,
} from "~/graph/editing/configForm";
import { isJson, type Json } from "~/graph/editing/raw";
import type { Known } from "~/graph/expressions/completion";
import { text } from "~/text";
import { ColumnInput } from "./ColumnInputs";
import { ExpressionEditor } from "./ExpressionEditor";
import styles from "./Form.module.css";

const words = text.editor.form;

interface Common {
  label: string;
  value: unknown;
  known: Known;
  /** Those of this field, with their paths. */
  problems: readonly ProblemOfNode[];
  onChange: (value: unknown) => void;
}

function Remove({ onClick }: { onClick: () => void }) {
  return (
    <Tooltip label={words.removeLine}>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={words.removeLine} onClick={onClick}>
        <X size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      leftSection={<Plus size={13} />}
      onClick={onClick}
      data-add
      style={{ alignSelf: "flex-start" }}
    >
      {label}
    </Button>
  );
}

/** Rows that are being typed: an object cannot hold a pair whose name is empty or doubled, the list can. */
function useLines<T>(
  value: unknown,
  read: (value: unknown) => T[],
  write: (lines: T[]) => unknown,
  onChange: (value: unknown) => void,
) {
  const [draft, setDraft] = useState<{ lines: T[]; written: string } | null>(null);
  const current = JSON.stringify(value) ?? "";
  const lines = draft !== null && draft.written === current ? draft.lines : read(value);
  const set = (next: T[]) => {
    const written = write(next);
    setDraft({ lines: next, written: JSON.stringify(written) ?? "" });
    onChange(written);
  };
  const host = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  // Whoever adds a line fills it next.
  useEffect(() => {
    if (!added.current) return;
    added.current = false;
    const line = host.current?.querySelector(":scope > :nth-last-child(2)");
    const field = line?.querySelector<HTMLElement>("input:not([type=hidden]), [contenteditable=true]");
    field?.focus();
    // As when one comes by Tab: what is typed takes the place of what is proposed.
    if (field instanceof HTMLInputElement) field.select();
  });
  return {
    host: host as RefObject<HTMLDivElement>,
    lines,
    set,
    change: (index: number, line: T) => set(lines.map((each, at) => (at === index ? line : each))),
    remove: (index: number) => set(lines.filter((_, at) => at !== index)),
    add: (line: T) => {
      added.current = true;
      set([...lines, line]);
    },
  };
}

type Pair = readonly [string, unknown];
const pairs = (value: unknown): Pair[] => toPairs(value);
const object = (lines: Pair[]) => fromPairs(lines);
const str = (value: unknown) =>
  typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);

/** Old name → new name; a column → a path. The first half is a column where `columns` says so. */
export function MappingInput({
  label,
  value,
  known,
  onChange,
  second,
  first,
}: Common & { second: string; first?: string }) {
  const { host, lines, change, remove, add } = useLines(value, pairs, object, onChange);
  return (
    <div className={styles.lines} ref={host}>
      {lines.map(([name, to], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair is where it stands
        <div key={index} className={styles.line}>
          {first ? (
            <TextInput
              size="xs"
              aria-label={first}
              placeholder={first}
              value={name}
              onChange={(event) => change(index, [event.currentTarget.value, to])}
            />
          ) : (
            <ColumnInput
              label={words.column}
              value={name}
              columns={known.columns}
              onChange={(column) => change(index, [column, to])}
            />
          )}
          <TextInput
            size="xs"
            aria-label={second}
            placeholder={second}
            value={str(to)}
            onChange={(event) => change(index, [name, event.currentTarget.value])}
          />
          <Remove onClick={() => remove(index)} />
        </div>
      ))}
      <Add label={`${words.add}: ${label.toLowerCase()}`} onClick={() => add(["", ""])} />
    </div>
  );
}

const TYPES = [
  "string", "int64", "int32", "int16", "int8", "float64", "float32", "decimal(18,2)", "boolean", "date", "time",
  "datetime", "datetime(UTC)", "duration", "binary", "json",
]; // biome-ignore format: one word after another

/** Column → type. */
export function TypesInput({ value, known, onChange }: Common) {
  const { host, lines, change, remove, add } = useLines(value, pairs, object, onChange);
  return (
    <div className={styles.lines} ref={host}>
      {lines.map(([name, type], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair is where it stands
        <div key={index} className={styles.line}>
          <ColumnInput
            label={words.column}
            value={name}
            columns={known.columns}
            onChange={(column) => change(index, [column, type])}
          />
          <Select
            size="xs"
            aria-label={words.type}
            data={TYPES.includes(str(type)) || type === "" ? TYPES : [str(type), ...TYPES]}
            value={str(type) || null}
            placeholder={words.type}
            searchable
            selectFirstOptionOnChange
            onChange={(chosen) => change(index, [name, chosen ?? ""])}
          />
          <Remove onClick={() => remove(index)} />
        </div>
      ))}
      <Add label={words.addColumn} onClick={() => add(["", "string"])} />
    </div>
  );
}

/** New column → expression. */
export function ExpressionsInput({
  value,
  known,
  problems,
  onChange,
  nameLabel,
}: Common & { nameLabel: string }) {
  const { host, lines, change, remove, add } = useLines(value, pairs, object, onChange);
  const of = (name: string) => problems.filter(({ field }) => field?.endsWith(`.${name}`) ?? false);
  return (
    <div className={styles.lines} ref={host}>
      {lines.map(([name, expression], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair is where it stands
        <div key={index} className={styles.block}>
          <div className={styles.line}>
            <TextInput
              size="xs"
              aria-label={nameLabel}
              placeholder={nameLabel}
              value={name}
              onChange={(event) => change(index, [event.currentTarget.value, expression])}
            />
            <Remove onClick={() => remove(index)} />
          </div>
          <ExpressionEditor
            label={name ? `${words.expression}: ${name}` : words.expression}
            value={str(expression)}
            problems={of(name)}
            known={known}
            hint={words.completion}
            onChange={(written) => change(index, [name, written])}
          />
        </div>
      ))}
      <Add label={words.addColumn} onClick={() => add(["", ""])} />
    </div>
  );
}

/** Columns to order by. */
export function SortInput({ value, known, onChange }: Common) {
  const { host, lines, change, remove, add } = useLines(value, readSort, writeSort, onChange);
  return (
    <div className={styles.lines} ref={host}>
      {lines.map((key, index) => {
        const word = key.descending ? words.descending : words.ascending;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a key is where it stands
          <div key={index} className={styles.line}>
            <ColumnInput
              label={words.column}
              value={key.column}
              columns={known.columns}
              onChange={(column) => change(index, { ...key, column })}
            />
            <Tooltip label={word}>
              <ActionIcon
                size="md"
                variant="default"
                aria-label={word}
                onClick={() => change(index, { ...key, descending: !key.descending })}
              >
                {key.descending ? <ArrowUpAZ size={15} /> : <ArrowDownAZ size={15} />}
              </ActionIcon>
            </Tooltip>
            <Remove onClick={() => remove(index)} />
          </div>
        );
      })}
      <Add label={words.addColumn} onClick={() => add({ column: "", descending: false, nullsLast: true })} />
    </div>
  );
}

const FUNCTIONS = [
  "count", "sum", "mean", "min", "max", "median", "std", "var", "quantile", "n_unique", "first", "last", "any", "all",
]; // biome-ignore format: one word after another

const named = ({ name, column, function: fn }: Aggregation, change: Partial<Aggregation>): string => {
  const next = { column, function: fn, ...change };
  const usual = (c: string | null, f: string) => (c === null ? f : `${c}_${f}`);
  // A name that was given by hand stays.
  return name === "" || name === usual(column, fn) ? usual(next.column, next.function) : name;
};

/** What is computed of each group. */
export function AggregationsInput({ value, known, onChange }: Common) {
  const { host, lines, change, remove, add } = useLines(value, readAggregations, writeAggregations, onChange);
  const set = (index: number, line: Aggregation, next: Partial<Aggregation>) =>
    change(index, { ...line, ...next, name: next.name ?? named(line, next) });
  return (
    <div className={styles.lines} ref={host}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands
        <div key={index} className={styles.block}>
          <div className={styles.line}>
            <Select
              size="xs"
              w={104}
              aria-label={words.function}
              data={FUNCTIONS}
              value={line.function}
              allowDeselect={false}
              searchable
              selectFirstOptionOnChange
              onChange={(fn) => fn && set(index, line, { function: fn })}
            />
            <ColumnInput
              label={words.column}
              value={line.column ?? ""}
              columns={known.columns}
              placeholder={line.function === "count" ? words.anyColumn : words.column}
              onChange={(column) => set(index, line, { column: column === "" ? null : column })}
            />
            <Remove onClick={() => remove(index)} />
          </div>
          <div className={styles.line}>
            <TextInput
              size="xs"
              aria-label={words.resultName}
              placeholder={words.resultName}
              value={line.name}
              onChange={(event) => set(index, line, { name: event.currentTarget.value })}
            />
            {line.function === "quantile" && (
              <NumberInput
                size="xs"
                w={72}
                aria-label="q"
                min={0}
                max={1}
                step={0.05}
                value={line.q ?? 0.5}
                onChange={(q) => set(index, line, typeof q === "number" ? { q } : {})}
              />
            )}
          </div>
        </div>
      ))}
      <Add label={words.add} onClick={() => add({ name: "count", column: null, function: "count" })} />
    </div>
  );
}

const rulesOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

/** Conditions that every row must meet. */
export function RulesInput({ value, known, problems, onChange }: Common) {
  const { host, lines, change, remove, add } = useLines(value, rulesOf, (rules) => rules, onChange);
  return (
    <div className={styles.lines} ref={host}>
      {lines.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule is where it stands
        <div key={index} className={styles.block}>
          <div className={styles.line}>
            <TextInput
              size="xs"
              aria-label={words.ruleName}
              placeholder={words.ruleName}
              value={str(rule.name)}
              onChange={(event) => change(index, { ...rule, name: event.currentTarget.value })}
            />
            <Switch
              size="xs"
              label={words.severity.warning}
              checked={rule.severity === "warning"}
              onChange={(event) =>
                change(index, { ...rule, severity: event.currentTarget.checked ? "warning" : "error" })
              }
            />
            <Remove onClick={() => remove(index)} />
          </div>
          <ExpressionEditor
            label={`${words.expression}: ${str(rule.name)}`}
            value={str(rule.expression)}
            problems={problems.filter(({ field }) => field?.includes(`rules.${index}.`) ?? false)}
            known={known}
            hint={words.completion}
            onChange={(expression) => change(index, { ...rule, expression })}
          />
        </div>
      ))}
      <Add label={words.addRule} onClick={() => add({ name: `rule ${lines.length + 1}`, expression: "" })} />
    </div>
  );
}

export type ListInput = (props: Common) => ReactNode;
