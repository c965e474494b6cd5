import { Select } from "@mantine/core";
import { type Runnable, useChangeRunnable } from "~/api/jobRuns";
import type { Running } from "~/api/types";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import styles from "./Jobs.module.css";

const said = text.jobs;
const pairs = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

/** Whether what it holds runs in order or side by side, and what a failure means to the others; saved at once. */
export function Policy({ of, running }: { of: Runnable; running: Running }) {
  const change = useChangeRunnable(of);
  const { mode, on_failure } = { ...running, ...(change.isPending ? change.variables : {}) };
  return (
    <>
      <div className={styles.bar}>
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the select has its input inside */}
        <label>
          {said.mode}
          <Select
            size="xs"
            w={168}
            aria-label={said.mode}
            allowDeselect={false}
            data={pairs(said.modes)}
            value={mode}
            onChange={(value) => value && change.mutate({ mode: value as Running["mode"] })}
          />
        </label>
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the select has its input inside */}
        <label>
          {said.onFailure}
          <Select
            size="xs"
            w={236}
            aria-label={said.onFailure}
            allowDeselect={false}
            data={pairs(said.onFailures)}
            value={on_failure}
            onChange={(value) => value && change.mutate({ on_failure: value as Running["on_failure"] })}
          />
        </label>
      </div>
      <Refusal error={change.error} />
    </>
  );
}
