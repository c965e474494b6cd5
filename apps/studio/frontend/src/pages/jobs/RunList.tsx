import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronRight, Play, SquareArrowOutUpRight } from "lucide-react";
import { Fragment, useState } from "react";
import { Link } from "wouter";
import {
  type JobRunFilter,
  type JobRunSummary,
  jobRuns,
  type Runnable,
  runIsOver,
  useCancelRun,
} from "~/api/jobRuns";
import { duration } from "~/format/numbers";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Pager } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import styles from "./Jobs.module.css";
import { RunBars } from "./RunBars";

const said = text.jobs;
const SIZE = 20;

interface RowProps {
  run: JobRunSummary;
  open: boolean;
  toggle: () => void;
  now: number;
}

function Row({ run, open, toggle, now }: RowProps) {
  const cancel = useCancelRun(run.id);
  const title = run.job_id ? said.run(run.id) : said.packageRun(run.id);
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  const going = !runIsOver(run);
  return (
    <tr>
      <td className={styles.chevron}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={said.show(title)}
          aria-expanded={open}
          onClick={toggle}
        >
          <ChevronRight size={16} />
        </ActionIcon>
      </td>
      <td className={styles.status}>
        <Status status={run.status} />
      </td>
      <td className={styles.clip} title={run.error?.message}>
        {text.trigger[run.trigger] ?? run.trigger}
        {run.error && <span className={styles.because}>{run.error.message}</span>}
        <Refusal error={cancel.error} />
      </td>
      <td className={styles.when}>
        <Time at={run.started_at ?? run.created_at} />
      </td>
      <td className={`${styles.number} numbers`}>
        {run.started_at ? duration(Math.max(0, end - Date.parse(run.started_at))) : text.nothing}
      </td>
      <td className={styles.menu} style={{ width: going ? 136 : 48 }}>
        {going && (
          <Button
            size="compact-xs"
            variant="default"
            mr={6}
            loading={cancel.isPending}
            disabled={run.cancel_requested_at !== null}
            onClick={() => cancel.mutate()}
          >
            {run.cancel_requested_at ? said.cancelling : said.cancel}
          </Button>
        )}
        <Tooltip label={said.open}>
          <ActionIcon
            component={Link}
            href={`/job-runs/${run.id}`}
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={title}
          >
            <SquareArrowOutUpRight size={15} />
          </ActionIcon>
        </Tooltip>
      </td>
    </tr>
  );
}

interface RunListProps {
  of: Runnable;
  filter?: JobRunFilter;
  /** How often to ask; false where the channel tells. */
  refetch: number | false;
  none: { title: string; hint?: string };
}

/** Runs of a job or a package, newest first; each opens to what it ran. */
export function RunList({ of, filter = {}, refetch, none }: RunListProps) {
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const found = useQuery({
    ...jobRuns(of, { ...filter, page, size: SIZE }),
    placeholderData: keepPreviousData,
    refetchInterval: refetch,
  });
  const runs = found.data?.results ?? [];
  const now = useNow(runs.some((run) => !runIsOver(run)));
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (found.isPending) return <LoadingRows label={said.tab.runs} rows={4} />;
  if (found.data.count === 0)
    return (
      <Notice icon={Play} title={none.title}>
        {none.hint}
      </Notice>
    );
  // The newest is open until somebody says otherwise.
  const isOpen = (run: JobRunSummary) => chosen[run.id] ?? (page === 1 && run.id === runs[0]?.id);
  return (
    <>
      <Card>
        <table className={styles.table} aria-label={said.tab.runs}>
          <thead>
            <tr>
              <th className={styles.chevron} aria-label={said.steps} />
              <th className={styles.status}>{text.runs.status}</th>
              <th>{said.trigger}</th>
              <th className={styles.when}>{text.runs.started}</th>
              <th className={styles.number}>{text.runs.duration}</th>
              <th
                className={styles.menu}
                aria-label={said.open}
                style={{ width: runs.some((run) => !runIsOver(run)) ? 148 : 48 }}
              />
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Fragment key={run.id}>
                <Row
                  run={run}
                  now={now}
                  open={isOpen(run)}
                  toggle={() => setChosen((known) => ({ ...known, [run.id]: !isOpen(run) }))}
                />
                {isOpen(run) && (
                  <tr>
                    <td colSpan={6} className={styles.inside}>
                      <RunBars id={run.id} refetch={refetch} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </Card>
      <Pager
        total={said.runs(found.data.count)}
        page={page}
        pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
        onPage={setPage}
      />
    </>
  );
}
