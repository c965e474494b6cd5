import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import { useRunActs } from "~/api/runs";
import { useExecution } from "~/api/useExecution";
import { lastCrumb, useCrumbs } from "~/app/crumbs";
import { readDiagram } from "~/graph/diagram";
import { type ExecutionState, isOver } from "~/graph/execution";
import { possible } from "~/graph/lifecycle";
import { LogList } from "~/parts/LogList";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import { RunProgress } from "~/parts/RunProgress";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import { Asked } from "./Asked";
import styles from "./Executions.module.css";
import { Facts } from "./Facts";
import { Iterations } from "./Iterations";
import { NodeTable } from "./NodeTable";
import { RunActions } from "./RunActions";

function Failed({ error }: { error: NonNullable<ExecutionState["error"]> }) {
  return (
    <div className={styles.failure} role="alert">
      <strong>{error.message}</strong>
      {error.remedy && (
        <p>
          {text.run.what}: {error.remedy}
        </p>
      )}
    </div>
  );
}

/** What was asked and is not yet so. */
function Pending({ run }: { run: ExecutionState }) {
  if (isOver(run.status)) return null;
  if (run.cancel_requested_at) return <span className={styles.pending}>{text.run.cancelling}</span>;
  if (run.pause_requested_at && run.status === "running")
    return <span className={styles.pending}>{text.run.pausing}</span>;
  return null;
}

function Body({
  run,
  name,
  labelOf,
}: {
  run: ExecutionState;
  name: string;
  labelOf: (id: string) => string;
}) {
  const [, navigate] = useLocation();
  const [node, setNode] = useState<string | null>(null);
  const [search, setSearch] = useSearchParams();
  const loop = search.get("iterations");
  const setLoop = (next: string | null) =>
    setSearch(new URLSearchParams(next === null ? {} : { iterations: next }));
  const looped = run.nodes.find(({ node_id }) => node_id === loop);
  const acts = useRunActs(run.id, (made) => navigate(`/executions/${made.id}`));
  const going = !isOver(run.status);
  const now = useNow(going && run.status !== "paused");
  const openOnCanvas = `/workflows/${run.workflow_id}?execution=${run.id}`;
  return (
    <Page
      title={name || <Skeleton height={20} width={240} />}
      actions={
        <>
          <Pending run={run} />
          <RunActions run={run} asking={acts.isPending ? acts.variables : undefined} act={acts.mutate} />
          <Button component={Link} href={openOnCanvas} variant="default" leftSection={<Workflow size={15} />}>
            {text.execution.openWorkflow}
          </Button>
        </>
      }
    >
      <Facts run={run} now={now} />
      <div className={styles.total}>{going && <RunProgress run={run} />}</div>
      <Refusal error={acts.error} />
      {going && <Asked execution={run.id} labelOf={labelOf} />}
      {run.error && <Failed error={run.error} />}
      <NodeTable
        nodes={run.nodes}
        now={now}
        labelOf={labelOf}
        selected={node}
        onSelect={setNode}
        waits={run.status === "paused"}
        canvas={openOnCanvas}
        onIterations={(each) => setLoop(each === loop ? null : each)}
        onFromHere={
          possible(run).retry
            ? (from_node) => acts.mutate({ does: "retry", version: "same", from_node })
            : undefined
        }
      />
      {looped?.iterations && (
        <>
          <h2 className={styles.section}>{text.iterations.title(labelOf(looped.node_id))}</h2>
          <Card>
            <Iterations key={looped.node_id} execution={run.id} node={looped} labelOf={labelOf} />
          </Card>
        </>
      )}
      <h2 className={styles.section}>{text.execution.logs}</h2>
      <Card>
        <div className={styles.logs}>
          <LogList execution={run.id} node={node} onAllNodes={() => setNode(null)} labelOf={labelOf} />
        </div>
      </Card>
    </Page>
  );
}

/** One run: its nodes, when each ran, what they logged, and all that can be done to it. */
export function ExecutionPage({ id }: { id: string }) {
  const answer = useExecution(id);
  const run = answer.data;
  const workflow = useQuery({ ...queries.workflow(run?.workflow_id ?? ""), enabled: run !== undefined });
  const labels = useMemo(
    () =>
      new Map(readDiagram(workflow.data?.workflow_diagram).nodes.map((each) => [each.id, each.data.label])),
    [workflow.data],
  );
  const labelOf = useCallback((each: string) => labels.get(each) ?? each, [labels]);
  const name = workflow.data?.name ?? (workflow.isError ? text.execution.title(id) : "");
  useCrumbs([{ label: text.nav.executions, href: "/executions" }, ...lastCrumb(name, answer.isError)]);

  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (run === undefined) {
    return (
      <Page title={<Skeleton height={20} width={240} />}>
        <Skeleton height={14} width={320} mb={34} />
        <LoadingRows label={text.execution.nodes} rows={8} />
      </Page>
    );
  }
  return <Body run={run} name={name} labelOf={labelOf} />;
}
