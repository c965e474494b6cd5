import { Tooltip } from "@mantine/core";
import { duration } from "~/format/numbers";
import { counts, type ExecutionState, isOver } from "~/graph/execution";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Executions.module.css";
import { Waiting } from "./Waiting";

const said = text.forecast;

/** When it will probably be over, from how long it took before. */
function Expected({ run, now }: { run: ExecutionState; now: number }) {
  if (!run.estimated_completion || isOver(run.status)) return null;
  const left = (at: string) => duration(Math.max(0, Date.parse(at) - now));
  const [earliest, latest] = run.estimated_completion_interval ?? [];
  return (
    <span className="numbers">
      {text.workflow.expected(left(run.estimated_completion))}
      {earliest && latest && (
        <Tooltip label={text.workflow.between(left(earliest), left(latest))}>
          <span>{` (${left(earliest)} – ${left(latest)})`}</span>
        </Tooltip>
      )}
    </span>
  );
}

/** What was forecast of a run that is over, and how wrong that was. */
function Forecasted({ run }: { run: ExecutionState }) {
  const told = run.forecast;
  if (!told || !isOver(run.status)) return null;
  const words =
    told.error === null
      ? said.expected(duration(told.expected_ms))
      : said.judged(duration(told.expected_ms), told.error);
  return (
    <Tooltip label={said.interval(duration(told.low_ms), duration(told.high_ms))} multiline maw={320}>
      <span className="numbers">{words}</span>
    </Tooltip>
  );
}

/** What there is to say of a run in one line. */
export function Facts({ run, now }: { run: ExecutionState; now: number }) {
  const { done, all } = counts(run);
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return (
    <div className={styles.facts}>
      <Status status={run.status} />
      <Waiting run={run} />
      {run.trigger && <span>{text.trigger[run.trigger] ?? run.trigger}</span>}
      {run.retry_of && (
        <span>
          {text.run.rerunOf} <ExecutionLabel id={run.retry_of} />
        </span>
      )}
      {run.started_at && (
        <span>
          {text.execution.started} <Time at={run.started_at} />
        </span>
      )}
      {run.started_at && run.status !== "paused" && (
        <span className="numbers">{duration(Math.max(0, end - Date.parse(run.started_at)))}</span>
      )}
      {all > 0 && <span className="numbers">{text.workflow.progress(done, all)}</span>}
      {run.warnings > 0 && <span>{text.runs.warnings(run.warnings)}</span>}
      <Expected run={run} now={now} />
      <Forecasted run={run} />
    </div>
  );
}
