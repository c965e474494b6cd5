import { Button, Progress, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Square, Workflow } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Link } from "wouter";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import { useExecution } from "~/api/useExecution";
import { useCrumbs } from "~/app/crumbs";
import { duration } from "~/format/numbers";
import { readDiagram } from "~/graph/diagram";
import { counts, type ExecutionState, isOver } from "~/graph/execution";
import { LogList } from "~/parts/LogList";
import { ErrorNotice } from "~/parts/Notice";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import styles from "./Executions.module.css";
import { NodeTable } from "./NodeTable";

function Facts({ execution, now }: { execution: ExecutionState; now: number }) {
  const { done, all } = counts(execution);
  const end = execution.finished_at ? Date.parse(execution.finished_at) : now;
  return (
    <div className={styles.facts}>
      <Status status={execution.status} />
      {execution.waiting_for && (
        <span>{text.waitingFor[execution.waiting_for] ?? execution.waiting_for}</span>
      )}
      {execution.started_at && (
        <span>
          {text.execution.started} <Time at={execution.started_at} />
        </span>
      )}
      {execution.started_at && (
        <span className="numbers">{duration(Math.max(0, end - Date.parse(execution.started_at)))}</span>
      )}
      {all > 0 && <span className="numbers">{text.workflow.progress(done, all)}</span>}
      {execution.warnings > 0 && <span>{text.runs.warnings(execution.warnings)}</span>}
    </div>
  );
}

/** One run: its nodes, when each ran, what they logged. */
export function ExecutionPage({ id }: { id: string }) {
  const answer = useExecution(id);
  const execution = answer.data;
  const going = execution !== undefined && !isOver(execution.status);
  const now = useNow(going);
  const workflow = useQuery({
    ...queries.workflow(execution?.workflow_id ?? ""),
    enabled: execution !== undefined,
  });
  const [node, setNode] = useState<string | null>(null);
  const labels = useMemo(
    () =>
      new Map(readDiagram(workflow.data?.workflow_diagram).nodes.map((each) => [each.id, each.data.label])),
    [workflow.data],
  );
  const labelOf = useCallback((each: string) => labels.get(each) ?? each, [labels]);
  const cancel = useMutation({ mutationFn: () => api.post(`executions/${id}/cancel`) });
  const name = workflow.data?.name ?? (workflow.isError ? text.execution.title(id) : "");
  useCrumbs([{ label: text.nav.executions, href: "/executions" }, { label: name }]);

  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (execution === undefined) {
    return (
      <div className={styles.page} aria-busy>
        <div className={styles.header}>
          <Skeleton height={20} width={240} />
        </div>
        <Skeleton height={14} width={320} />
      </div>
    );
  }
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>{name || <Skeleton height={20} width={240} />}</h1>
        {going && (
          <Button
            variant="default"
            leftSection={<Square size={14} />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            {text.workflow.cancelRun}
          </Button>
        )}
        <Button
          component={Link}
          href={`/workflows/${execution.workflow_id}?execution=${execution.id}`}
          variant={going ? "default" : "filled"}
          leftSection={<Workflow size={15} />}
        >
          {text.execution.openWorkflow}
        </Button>
      </header>
      <Facts execution={execution} now={now} />
      <div className={styles.total}>
        {going && <Progress value={execution.progress * 100} size={2} aria-label={text.status.running} />}
      </div>
      {execution.error && (
        <div className={styles.failure} role="alert">
          <strong>{execution.error.message}</strong>
          {execution.error.remedy && <p>{execution.error.remedy}</p>}
        </div>
      )}
      <NodeTable nodes={execution.nodes} now={now} labelOf={labelOf} selected={node} onSelect={setNode} />
      <h2 className={styles.section}>{text.execution.logs}</h2>
      <div className={styles.logs}>
        <LogList execution={id} node={node} onAllNodes={() => setNode(null)} labelOf={labelOf} />
      </div>
    </div>
  );
}
