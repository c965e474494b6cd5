import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { Link } from "wouter";
import {
  type JobRun,
  jobRun,
  pathOf,
  type Runnable,
  runIsOver,
  useCancelRun,
  useJobRunsLive,
} from "~/api/jobRuns";
import * as queries from "~/api/queries";
import { useCrumbs } from "~/app/crumbs";
import { duration } from "~/format/numbers";
import { useTrail } from "~/pages/explorer/useTrail";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import styles from "./Jobs.module.css";
import { RunBars } from "./RunBars";

const said = text.jobs;

const ranOf = (run: JobRun): Runnable =>
  run.job_id ? { kind: "job", id: run.job_id } : { kind: "job_package", id: run.job_package_id ?? "" };

/** The workspace that a job or a package lies in, once it is known. */
function useWorkspaceOf(of: Runnable | null): string | null {
  const job = useQuery({ ...queries.job(of?.id ?? ""), enabled: of?.kind === "job" });
  const folderId = job.data?.folder_id ?? null;
  const folder = useQuery({ ...queries.folder(folderId ?? ""), enabled: folderId !== null });
  const bundle = useQuery({ ...queries.jobPackage(of?.id ?? ""), enabled: of?.kind === "job_package" });
  return folder.data?.workspace_id ?? bundle.data?.workspace_id ?? null;
}

function Body({ run, refetch }: { run: JobRun; refetch: number | false }) {
  const cancel = useCancelRun(run.id);
  const going = !runIsOver(run);
  const now = useNow(going);
  const of = ranOf(run);
  const title = of.kind === "job" ? said.run(run.id) : said.packageRun(run.id);
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return (
    <Page
      title={title}
      actions={
        <>
          {going && (
            <Button
              variant="default"
              leftSection={<Square size={14} />}
              loading={cancel.isPending}
              disabled={run.cancel_requested_at !== null}
              onClick={() => cancel.mutate()}
            >
              {run.cancel_requested_at ? said.cancelling : said.cancel}
            </Button>
          )}
          <Button variant="default" component={Link} href={`/${pathOf(of)}?tab=runs`}>
            {said.back}
          </Button>
        </>
      }
    >
      <div className={styles.facts}>
        <Status status={run.status} />
        <span>{text.trigger[run.trigger] ?? run.trigger}</span>
        <span>{said.modes[run.mode]}</span>
        {run.started_at && (
          <span>
            {text.execution.started} <Time at={run.started_at} />
          </span>
        )}
        {run.started_at && (
          <span className="numbers">{duration(Math.max(0, end - Date.parse(run.started_at)))}</span>
        )}
        {run.environment && <span>{run.environment}</span>}
        {run.parent_id && <Link href={`/job-runs/${run.parent_id}`}>{said.packageRun(run.parent_id)}</Link>}
        {run.parent_execution_id && <ExecutionLabel id={run.parent_execution_id} />}
      </div>
      <Refusal error={cancel.error} />
      {run.error && (
        <div className={styles.failure} role="alert">
          <strong>{run.error.message}</strong>
          {run.error.remedy && <p>{run.error.remedy}</p>}
        </div>
      )}
      <Card>
        <RunBars id={run.id} refetch={refetch} />
      </Card>
    </Page>
  );
}

/** One run of a job or a package: what it ran, and when each. */
export function JobRunPage({ id }: { id: string }) {
  const known = useQuery(jobRun(id));
  const of = known.data ? ranOf(known.data) : null;
  const refetch = useJobRunsLive(useWorkspaceOf(of));
  const answer = useQuery({ ...jobRun(id), refetchInterval: refetch });
  const trail = useTrail(of?.id ?? null);
  useCrumbs([...trail, { label: of?.kind === "job_package" ? said.packageRun(id) : said.run(id) }]);
  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) {
    return (
      <Page title={<Skeleton height={20} width={200} />}>
        <LoadingRows label={said.steps} rows={4} />
      </Page>
    );
  }
  return <Body run={answer.data} refetch={refetch} />;
}
