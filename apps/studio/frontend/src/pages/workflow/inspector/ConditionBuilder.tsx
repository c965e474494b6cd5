import { ActionIcon, Button, Select, Tooltip } from "@mantine/core";
import { Group as GroupIcon, Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import {
  type Conditions,
  familyOf,
  type Group,
  isComplete,
  isGroup,
  type Joint,
  type Operator,
  operatorsFor,
  type Row,
  withColumn,
  withOperator,
} from "~/graph/expressions/conditions";
import { spellingOf } from "~/graph/expressions/lexer";
import { readConditions } from "~/graph/expressions/readConditions";
import { writeConditions } from "~/graph/expressions/writeConditions";
import type { Column } from "~/graph/schema";
import { text } from "~/text";
import { ColumnInput } from "./ColumnInputs";
import styles from "./Conditions.module.css";
import { ConditionValues } from "./ConditionValues";
import type { Seen } from "./useSeen";

const words = text.inspector.conditions;
const EMPTY: Row = { column: "", operator: "equals", values: [] };
const NOTHING: Conditions = { joint: "and", items: [] };

const without = <T,>(list: readonly T[], at: number): T[] => list.filter((_, index) => index !== at);
const replaced = <T,>(list: readonly T[], at: number, item: T): T[] =>
  list.map((each, index) => (index === at ? item : each));

/** What an operator is called for a column of that type: a date is before another, not less. */
function named(operator: Operator, type: string | undefined): string {
  const family = familyOf(type);
  const moment = family === "date" || family === "datetime" || family === "time";
  return moment && operator in words.moment
    ? words.moment[operator as keyof typeof words.moment]
    : words.operator[operator];
}

interface BuilderProps {
  label: string;
  value: string;
  columns: readonly Column[];
  seen: Seen;
  onChange: (value: string) => void;
}

/** A condition as rows. Unfinished ones are kept here until they say something. */
export function ConditionBuilder({ label, value, columns, seen, onChange }: BuilderProps) {
  const [draft, setDraft] = useState<{ conditions: Conditions; written: string } | null>(null);
  const read = draft !== null && draft.written === value ? draft.conditions : readConditions(value);
  const conditions = read ?? NOTHING;
  const { items, joint } = conditions;
  const set = (next: Conditions) => {
    const written = writeConditions(next, spellingOf(value));
    setDraft({ conditions: next, written });
    if (written !== value) onChange(written);
  };
  const setItem = (at: number, item: Row | Group) => set({ joint, items: replaced(items, at, item) });
  const unfinished = items.some((item) => (isGroup(item) ? !item.rows.every(isComplete) : !isComplete(item)));
  const part = { columns, seen };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would break the layout of its inputs
    <div className={styles.builder} role="group" aria-label={label}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is where it stands
        <div key={index} className={styles.item}>
          <Lead index={index} joint={joint} onChange={(next) => set({ joint: next, items })} />
          {isGroup(item) ? (
            <GroupBlock
              {...part}
              group={item}
              onChange={(group) => setItem(index, group)}
              onRemove={() => set({ joint, items: without(items, index) })}
            />
          ) : (
            <RowBlock
              {...part}
              row={item}
              onChange={(row) => setItem(index, row)}
              onRemove={() => set({ joint, items: without(items, index) })}
            />
          )}
        </div>
      ))}
      <div className={styles.actions}>
        <Add label={words.addRow} onClick={() => set({ joint, items: [...items, EMPTY] })} />
        {items.length > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<GroupIcon size={13} />}
            onClick={() =>
              set({
                joint,
                items: [...items, { joint: joint === "and" ? "or" : "and", rows: [EMPTY, EMPTY] }],
              })
            }
          >
            {words.addGroup}
          </Button>
        )}
      </div>
      {unfinished && <p className={styles.soft}>{words.incomplete}</p>}
    </div>
  );
}

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="subtle" leftSection={<Plus size={13} />} onClick={onClick}>
      {label}
    </Button>
  );
}

/** What stands before a condition: `where`, then the one word that joins them all. */
function Lead({
  index,
  joint,
  onChange,
}: {
  index: number;
  joint: Joint;
  onChange: (joint: Joint) => void;
}): ReactNode {
  if (index === 0) return <span className={styles.lead}>{words.where}</span>;
  if (index > 1) return <span className={styles.lead}>{words.joint[joint]}</span>;
  return (
    <Select
      size="xs"
      className={styles.joint ?? ""}
      aria-label={words.jointLabel}
      data={[
        { value: "and", label: words.joint.and },
        { value: "or", label: words.joint.or },
      ]}
      value={joint}
      allowDeselect={false}
      withCheckIcon={false}
      onChange={(next) => next && onChange(next as Joint)}
    />
  );
}

interface PartProps {
  columns: readonly Column[];
  seen: Seen;
  onRemove: () => void;
}

function GroupBlock({
  group,
  onChange,
  onRemove,
  ...part
}: PartProps & { group: Group; onChange: (group: Group) => void }) {
  const { rows, joint } = group;
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    <div className={styles.group} role="group" aria-label={words.group}>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is where it stands
        <div key={index} className={styles.item}>
          <Lead index={index} joint={joint} onChange={(next) => onChange({ joint: next, rows })} />
          <RowBlock
            {...part}
            row={row}
            onChange={(next) => onChange({ joint, rows: replaced(rows, index, next) })}
            onRemove={() =>
              rows.length === 1 ? onRemove() : onChange({ joint, rows: without(rows, index) })
            }
          />
        </div>
      ))}
      <div className={styles.actions}>
        <Add label={words.addRow} onClick={() => onChange({ joint, rows: [...rows, EMPTY] })} />
        <Button size="compact-xs" variant="subtle" color="gray" ml="auto" onClick={onRemove}>
          {words.removeGroup}
        </Button>
      </div>
    </div>
  );
}

function RowBlock({
  row,
  columns,
  seen,
  onChange,
  onRemove,
}: PartProps & { row: Row; onChange: (row: Row) => void }) {
  const type = columns.find(({ name }) => name === row.column)?.type;
  const offered = operatorsFor(type);
  const operators = offered.includes(row.operator) ? offered : [...offered, row.operator];
  const unknown = row.column !== "" && columns.length > 0 && type === undefined;
  return (
    <div className={styles.row}>
      <div className={styles.line}>
        <ColumnInput
          label={words.column}
          value={row.column}
          columns={columns}
          wrong={unknown}
          onChange={(column) => {
            const next = columns.find(({ name }) => name === column)?.type;
            // While a name is being typed nothing is known of it yet: what was said stays.
            onChange(next === undefined ? { ...row, column } : withColumn(row, column, next));
          }}
        />
        <Select
          size="xs"
          className={styles.operator ?? ""}
          aria-label={words.operatorLabel}
          data={operators.map((value) => ({ value, label: named(value, type) }))}
          value={row.operator}
          allowDeselect={false}
          searchable
          selectFirstOptionOnChange
          comboboxProps={{ width: "max-content", position: "bottom-start" }}
          onChange={(operator) => operator && onChange(withOperator(row, operator as Operator))}
        />
        <Tooltip label={words.removeRow}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={words.removeRow} onClick={onRemove}>
            <X size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <ConditionValues row={row} type={type} seen={seen} onChange={onChange} />
    </div>
  );
}
