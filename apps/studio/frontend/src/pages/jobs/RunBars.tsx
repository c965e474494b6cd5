import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { type JobRunStep, jobRun, runIsOver } from "~/api/jobRuns";
import { duration } from "~/format/numbers";
import { timelineOf } from "~/graph/timeline";
import { Lane, Ticks } from "~/parts/Lane";
import { Refusal } from "~/parts/Notice";
import { type AnyStatus, Status } from "~/parts/Status";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import styles from "./Jobs.module.css";

const said = text.jobs;

const hrefOf = (step: JobRunStep) =>
  step.execution_id
    ? `/executions/${step.execution_id}`
    : step.job_run_id
      ? `/job-runs/${step.job_run_id}`
      : null;

function statusOf(step: JobRunStep): AnyStatus {
  const waits = step.status === "running" && step.waiting_for && step.waiting_for !== "children";
  return waits ? "paused" : step.status;
}

function StepName({ step }: { step: JobRunStep }) {
  const name = step.name ?? said.deleted;
  const href = hrefOf(step);
  return (
    <>
      {href === null ? (
        <span className={styles.soft}>{name}</span>
      ) : (
        <Link href={href} className={styles.link} title={name}>
          <span>{name}</span>
        </Link>
      )}
      {step.error && (
        <div className={styles.error} title={`${step.error.message} ${step.error.remedy}`}>
          {step.error.message}
        </div>
      )}
    </>
  );
}

/** What a run of a job or a package ran, and beside each when. */
export function RunBars({ id, refetch }: { id: string; refetch: number | false }) {
  const answer = useQuery({ ...jobRun(id), refetchInterval: refetch });
  const run = answer.data;
  const now = useNow(run !== undefined && !runIsOver(run));
  if (answer.error) return <Refusal error={answer.error} />;
  if (run === undefined) return <Skeleton height={14} width="40%" my={13} />;
  const { bars, ticks } = timelineOf(run.steps, now);
  const barOf = new Map(bars.map((bar) => [bar.node.position, bar]));
  const took = (step: JobRunStep) =>
    step.started_at === null
      ? text.nothing
      : duration((step.finished_at ? Date.parse(step.finished_at) : now) - Date.parse(step.started_at));
  return (
    <table className={styles.table} aria-label={said.steps}>
      <thead>
        <tr>
          <th>{run.job_id ? text.executions.workflow : said.kind.job}</th>
          <th className={styles.status}>{text.runs.status}</th>
          <th className={`${styles.number} ${styles.wide}`}>{text.runs.duration}</th>
          <th className={styles.lane} aria-label={text.execution.timeline}>
            <Ticks ticks={ticks} />
          </th>
        </tr>
      </thead>
      <tbody>
        {run.steps.map((step) => (
          <tr key={step.position}>
            <td>
              <StepName step={step} />
            </td>
            <td>
              <Status status={statusOf(step)} />
            </td>
            <td className={`${styles.number} ${styles.wide} numbers`}>{took(step)}</td>
            <td className={styles.lane}>
              <Lane bar={barOf.get(step.position)} status={statusOf(step)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
