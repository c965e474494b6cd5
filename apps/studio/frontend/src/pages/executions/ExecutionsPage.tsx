import { ActionIcon, Button, Select, Skeleton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Activity, ChevronLeft, ChevronRight } from "lucide-react";
import { Link, useLocation, useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import type { ExecutionSummary } from "~/api/types";
import { useWorkflowNames } from "~/api/useWorkflowNames";
import { useCrumbs } from "~/app/crumbs";
import { duration } from "~/format/numbers";
import { isOver } from "~/graph/execution";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Executions.module.css";

const SIZE = 25;
const REFRESH_MS = 3000;
const STATUSES = ["queued", "running", "paused", "success", "failed", "cancelled"] as const;

function tookOf(run: ExecutionSummary): string {
  if (!run.started_at || !run.finished_at) return text.nothing;
  return duration(Date.parse(run.finished_at) - Date.parse(run.started_at));
}

function Table({ runs }: { runs: readonly ExecutionSummary[] }) {
  const [, navigate] = useLocation();
  const nameOf = useWorkflowNames(runs.map((run) => run.workflow_id));
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th className={styles.status}>{text.runs.status}</th>
          <th>{text.executions.workflow}</th>
          <th className={styles.when}>{text.runs.started}</th>
          <th className={styles.number}>{text.runs.duration}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id} className={styles.clickable} onClick={() => navigate(`/executions/${run.id}`)}>
            <td>
              <Status status={run.status} />
            </td>
            <td className={styles.clip}>
              <Link
                href={`/executions/${run.id}`}
                className={styles.link}
                onClick={(event) => event.stopPropagation()}
              >
                {nameOf(run.workflow_id) ?? text.execution.title(run.id)}
              </Link>
              {run.error && <span className={styles.error}>{run.error.message}</span>}
              {run.warnings > 0 && <span className={styles.warning}>{text.runs.warnings(run.warnings)}</span>}
            </td>
            <td className={styles.when}>
              <Time at={run.started_at ?? run.created_at} />
            </td>
            <td className={`${styles.number} numbers`}>{tookOf(run)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Every run one may see, newest first; the filters are in the address. */
export function ExecutionsPage() {
  useCrumbs([{ label: text.nav.executions }]);
  const [search, setSearch] = useSearchParams();
  const status = search.get("status");
  const workflow = search.get("workflow");
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

  const workflows = useQuery(queries.findWorkflows("", 200));
  const runs = useQuery({
    ...queries.executions({
      ...(status ? { status } : {}),
      ...(workflow ? { workflow } : {}),
      page,
      size: SIZE,
    }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data?.results.some((run) => !isOver(run.status)) ? REFRESH_MS : REFRESH_MS * 5,
  });
  const filtered = status !== null || workflow !== null;
  const pages = Math.max(1, Math.ceil((runs.data?.count ?? 0) / SIZE));

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>{text.executions.title}</h1>
        <Select
          w={160}
          size="sm"
          aria-label={text.runs.status}
          placeholder={text.executions.anyStatus}
          clearable
          data={STATUSES.map((value) => ({ value, label: text.status[value] }))}
          value={status}
          onChange={(value) => set({ status: value })}
        />
        <Select
          w={240}
          size="sm"
          searchable
          aria-label={text.executions.workflow}
          placeholder={text.executions.anyWorkflow}
          clearable
          data={(workflows.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={workflow}
          onChange={(value) => set({ workflow: value })}
        />
      </header>
      {runs.isError ? (
        <ErrorNotice error={runs.error} retry={() => void runs.refetch()} />
      ) : runs.isPending ? (
        <div className={styles.loading} aria-busy>
          {[72, 64, 70, 58, 66].map((width) => (
            <Skeleton key={width} height={14} width={`${width}%`} />
          ))}
        </div>
      ) : runs.data.results.length === 0 ? (
        <Notice
          icon={Activity}
          title={filtered ? text.executions.noneFiltered : text.executions.none}
          action={
            filtered && (
              <Button size="xs" variant="default" onClick={() => set({ status: null, workflow: null })}>
                {text.executions.clear}
              </Button>
            )
          }
        >
          {!filtered && text.executions.noneHint}
        </Notice>
      ) : (
        <>
          <Table runs={runs.data.results} />
          <footer className={`${styles.footer} numbers`}>
            <span>{text.executions.total(runs.data.count)}</span>
            <span className={styles.pages}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={text.executions.previous}
                disabled={page <= 1}
                onClick={() => set({ page: String(page - 1) })}
              >
                <ChevronLeft size={16} />
              </ActionIcon>
              {text.executions.page(page, pages)}
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={text.executions.next}
                disabled={page >= pages}
                onClick={() => set({ page: String(page + 1) })}
              >
                <ChevronRight size={16} />
              </ActionIcon>
            </span>
          </footer>
        </>
      )}
    </div>
  );
}
