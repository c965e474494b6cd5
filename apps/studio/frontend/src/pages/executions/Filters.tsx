import { Button, Select, TextInput } from "@mantine/core";
import { GitCompareArrows } from "lucide-react";
import { Link } from "wouter";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { text } from "~/text";
import styles from "./Executions.module.css";

const STATUSES = ["queued", "running", "paused", "success", "failed", "cancelled"] as const;
const TRIGGERS = ["api", "schedule", "webhook", "event", "backfill", "job", "retry", "sub_workflow"] as const;

export interface RunFilter {
  status: string | null;
  workflow: string | null;
  trigger: string | null;
  /** Days, as a date input gives them. */
  from: string | null;
  until: string | null;
}

interface FiltersProps {
  filter: RunFilter;
  set: (changes: Partial<RunFilter>) => void;
}

/** What the list is narrowed down to. */
export function Filters({ filter, set }: FiltersProps) {
  return (
    <div className={styles.filters}>
      <Select
        w={132}
        aria-label={text.runs.status}
        placeholder={text.executions.anyStatus}
        clearable
        data={STATUSES.map((value) => ({ value, label: text.status[value] }))}
        value={filter.status}
        onChange={(status) => set({ status })}
      />
      <PlaceSelect
        w={176}
        comboboxProps={{ width: 300, position: "bottom-start" }}
        aria-label={text.executions.workflow}
        placeholder={text.executions.anyWorkflow}
        clearable
        types={["workflow"]}
        value={filter.workflow}
        onChange={(place) => set({ workflow: place?.id ?? null })}
      />
      <Select
        w={132}
        aria-label={text.runs.trigger}
        placeholder={text.runs.anyTrigger}
        clearable
        data={TRIGGERS.map((value) => ({ value, label: text.trigger[value] ?? value }))}
        value={filter.trigger}
        onChange={(trigger) => set({ trigger })}
      />
      <TextInput
        type="date"
        w={168}
        aria-label={text.runs.from}
        leftSection={<span className={styles.prefix}>{text.runs.from}</span>}
        leftSectionWidth={48}
        max={filter.until ?? undefined}
        value={filter.from ?? ""}
        onChange={(event) => set({ from: event.currentTarget.value || null })}
      />
      <TextInput
        type="date"
        w={168}
        aria-label={text.runs.until}
        leftSection={<span className={styles.prefix}>{text.runs.until}</span>}
        leftSectionWidth={48}
        min={filter.from ?? undefined}
        value={filter.until ?? ""}
        onChange={(event) => set({ until: event.currentTarget.value || null })}
      />
    </div>
  );
}

/** Leads to both runs side by side, once two are chosen. */
export function CompareButton({ chosen }: { chosen: readonly string[] }) {
  const [first, second] = chosen;
  const icon = <GitCompareArrows size={15} />;
  if (first === undefined || second === undefined) {
    return (
      <Button
        variant="default"
        leftSection={icon}
        disabled
        title={text.runs.compareHint}
        aria-label={`${text.runs.compare}: ${text.runs.chosen(chosen.length)}`}
      >
        {text.runs.compare}
      </Button>
    );
  }
  return (
    <Button component={Link} href={`/executions/compare?first=${first}&second=${second}`} leftSection={icon}>
      {text.runs.compare}
    </Button>
  );
}
