import { Loader, SegmentedControl, Select } from "@mantine/core";
import { EyeOff, Rows3, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Problem } from "~/api/client";
import { useOutput } from "~/api/useOutput";
import type { DiagramNode } from "~/graph/diagram";
import type { ExecutionState } from "~/graph/execution";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { RowsGrid } from "~/parts/RowsGrid";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import styles from "./Drawer.module.css";
import { ReadSample, RowsSkeleton } from "./inspector/SampleBody";
import { SampleRows } from "./inspector/SampleRows";

function RunRows({
  node,
  execution,
  switcher,
  toSample,
}: {
  node: DiagramNode;
  execution: ExecutionState;
  switcher: React.ReactNode;
  toSample: () => void;
}) {
  const { schema } = useWorkflowView();
  const known = Object.keys(schema[node.id] ?? {});
  const ports = known.length > 0 ? known : ["output"];
  const [chosen, setChosen] = useState<string | null>(null);
  const port = chosen ?? (ports.includes("output") ? "output" : (ports[0] as string));
  const state = execution.nodes.find((each) => each.node_id === node.id);
  const version = `${state?.status}:${state?.attempt}`;
  const { rows, columns, count, kept, more, answer } = useOutput(execution.id, node.id, port, version);
  const code = answer.error instanceof Problem ? answer.error.code : null;
  const status = answer.error instanceof Problem ? answer.error.status : 0;
  const waiting = state === undefined || state.status === "pending" || state.status === "running";
  return (
    <div className={styles.rows}>
      <div className={styles.bar}>
        {switcher}
        {ports.length > 1 && (
          <Select
            size="xs"
            w={128}
            data={ports}
            value={port}
            onChange={setChosen}
            allowDeselect={false}
            aria-label={text.node.ports}
          />
        )}
        {answer.isSuccess && (
          <span className="numbers">
            {kept === null
              ? text.drawer.of(rows.length, count ?? rows.length)
              : text.drawer.ofKept(rows.length, count ?? kept, kept)}
          </span>
        )}
        {answer.isFetchingNextPage && <Loader size="xs" />}
      </div>
      <div className={styles.grid}>
        {answer.isError ? (
          code === "not_materialised" && !waiting ? (
            <Notice icon={EyeOff} title={text.drawer.notKept} action={<ReadSample read={toSample} />}>
              {text.drawer.notKeptHint}
            </Notice>
          ) : status === 410 ? (
            <Notice icon={EyeOff} title={text.drawer.gone} action={<ReadSample read={toSample} />}>
              {text.drawer.goneHint}
            </Notice>
          ) : state?.error ? (
            <Notice icon={TriangleAlert} tone="failed" role="alert" title={state.error.message}>
              {state.error.remedy}
            </Notice>
          ) : waiting || status === 404 || status === 409 ? (
            <Notice icon={Rows3} title={text.drawer.notYet}>
              {text.drawer.notYetHint}
            </Notice>
          ) : (
            <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />
          )
        ) : answer.isPending ? (
          <RowsSkeleton />
        ) : columns.length === 0 ? (
          <Notice icon={Rows3} title={text.drawer.noRows}>
            {text.drawer.noRowsHint}
          </Notice>
        ) : (
          <RowsGrid label={node.data.label} columns={columns} rows={rows} onEnd={more} />
        )}
      </div>
    </div>
  );
}

/** Rows of the selected node: a sample read for looking, or what it gave in the run that is shown. */
export function RowsView({ node }: { node: DiagramNode }) {
  const { diagram, execution } = useWorkflowView();
  const isEnd = !diagram.edges.some((edge) => edge.source === node.id);
  const kept = isEnd || node.data.config.keepOutput === true;
  const [source, setSource] = useState(() => (kept && execution?.status === "success" ? "run" : "sample"));
  const switcher = execution && (
    <SegmentedControl
      size="xs"
      value={source}
      onChange={setSource}
      data={[
        { value: "sample", label: text.drawer.sample },
        { value: "run", label: text.drawer.thisRun },
      ]}
    />
  );
  return source === "run" && execution ? (
    <RunRows node={node} execution={execution} switcher={switcher} toSample={() => setSource("sample")} />
  ) : (
    <SampleRows node={node} switcher={switcher} />
  );
}
