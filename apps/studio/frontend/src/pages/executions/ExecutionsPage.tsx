import { Button, Checkbox } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import type { ExecutionSummary } from "~/api/types";
import { useWorkflowNames } from "~/api/useWorkflowNames";
import { useCrumbs } from "~/app/crumbs";
import { duration } from "~/format/numbers";
import { isOver } from "~/graph/execution";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Executions.module.css";
import { CompareButton, Filters, type RunFilter } from "./Filters";
import { Waiting } from "./Waiting";

const SIZE = 25;
const REFRESH_MS = 3000;
const NOTHING: RunFilter = { status: null, workflow: null, trigger: null, from: null, until: null };
const NAMES = Object.keys(NOTHING) as (keyof RunFilter)[];

function tookOf(run: ExecutionSummary): string {
  if (!run.started_at || !run.finished_at) return text.nothing;
  return duration(Date.parse(run.finished_at) - Date.parse(run.started_at));
}

/** The beginning of a day here, and of the day after the last one. */
function bounds({ from, until }: RunFilter): { created_after?: string; created_before?: string } {
  const start = (day: string, more: number) => {
    const at = new Date(`${day}T00:00:00`);
    at.setDate(at.getDate() + more);
    return at.toISOString();
  };
  return {
    ...(from ? { created_after: start(from, 0) } : {}),
    ...(until ? { created_before: start(until, 1) } : {}),
  };
}

interface TableProps {
  runs: readonly ExecutionSummary[];
  chosen: readonly string[];
  choose: (id: string, chosen: boolean) => void;
}

function Table({ runs, chosen, choose }: TableProps) {
  const [, navigate] = useLocation();
  const nameOf = useWorkflowNames(runs.map((run) => run.workflow_id));
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th className={styles.check} aria-label={text.runs.compare} />
          <th className={styles.status}>{text.runs.status}</th>
          <th>{text.executions.workflow}</th>
          <th className={`${styles.trigger} ${styles.wide}`}>{text.runs.trigger}</th>
          <th className={styles.when}>{text.runs.started}</th>
          <th className={styles.number}>{text.runs.duration}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const title = text.execution.title(run.id);
          return (
            <tr key={run.id} className={styles.clickable} onClick={() => navigate(`/executions/${run.id}`)}>
              <td onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
                <Checkbox
                  size="xs"
                  aria-label={text.runs.choose(title)}
                  checked={chosen.includes(run.id)}
                  disabled={chosen.length >= 2 && !chosen.includes(run.id)}
                  onChange={(event) => choose(run.id, event.currentTarget.checked)}
                />
              </td>
              <td>
                <Status status={run.status} />
              </td>
              <td className={styles.clip}>
                <Link
                  href={`/executions/${run.id}`}
                  className={styles.link}
                  onClick={(event) => event.stopPropagation()}
                >
                  {nameOf(run.workflow_id) ?? title}
                </Link>
                {run.error && <span className={styles.error}>{run.error.message}</span>}
                {run.warnings > 0 && (
                  <span className={styles.warning}>{text.runs.warnings(run.warnings)}</span>
                )}
                {run.waiting_for && (
                  <span className={styles.waiting}>
                    <Waiting run={run} />
                  </span>
                )}
              </td>
              <td className={`${styles.trigger} ${styles.wide}`}>
                {run.trigger ? (text.trigger[run.trigger] ?? run.trigger) : text.nothing}
              </td>
              <td className={styles.when}>
                <Time at={run.started_at ?? run.created_at} />
              </td>
              <td className={`${styles.number} numbers`}>{tookOf(run)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Every run one may see, newest first; the filters are in the address. */
export function ExecutionsPage() {
  useCrumbs([{ label: text.nav.executions }]);
  const [search, setSearch] = useSearchParams();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const filter = Object.fromEntries(NAMES.map((name) => [name, search.get(name)])) as unknown as RunFilter;
  const page = Math.max(1, Number(search.get("page")) || 1);
  const set = (changes: Record<string, string | null>) =>
    setSearch((known) => {
      const next = new URLSearchParams(known);
      next.delete("page");
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) next.delete(key);
        else next.set(key, value);
      }
      return next;
    });

  const { from: _from, until: _until, ...named } = filter;
  const runs = useQuery({
    ...queries.executions({
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== null)),
      ...bounds(filter),
      page,
      size: SIZE,
    }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data?.results.some((run) => !isOver(run.status)) ? REFRESH_MS : REFRESH_MS * 5,
  });
  const filtered = NAMES.some((name) => filter[name] !== null);

  return (
    <Page title={text.executions.title} actions={<CompareButton chosen={chosen} />}>
      <Filters filter={filter} set={set} />
      {runs.isError ? (
        <ErrorNotice error={runs.error} retry={() => void runs.refetch()} />
      ) : runs.isPending ? (
        <LoadingRows label={text.runs.skeleton} />
      ) : runs.data.results.length === 0 ? (
        <Notice
          icon={Activity}
          title={filtered ? text.executions.noneFiltered : text.executions.none}
          action={
            filtered && (
              <Button size="xs" variant="default" onClick={() => set({ ...NOTHING })}>
                {text.executions.clear}
              </Button>
            )
          }
        >
          {!filtered && text.executions.noneHint}
        </Notice>
      ) : (
        <>
          <Card>
            <Table
              runs={runs.data.results}
              chosen={chosen}
              choose={(id, on) =>
                setChosen((known) => (on ? [...known, id] : known.filter((each) => each !== id)))
              }
            />
          </Card>
          <Pager
            total={text.executions.total(runs.data.count)}
            page={page}
            pages={Math.max(1, Math.ceil(runs.data.count / SIZE))}
            onPage={(next) => set({ page: String(next) })}
          />
        </>
      )}
    </Page>
  );
}
