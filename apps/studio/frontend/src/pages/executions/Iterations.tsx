import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Repeat } from "lucide-react";
import { useEffect, useState } from "react";
import { type Iteration, iterations } from "~/api/iterations";
import { count, duration } from "~/format/numbers";
import type { NodeState } from "~/graph/execution";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { LoadingRows, Pager } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Executions.module.css";

const said = text.iterations;
const SIZE = 50;

const rows = (value: number | null) => (value === null ? text.nothing : count(value));

function Row({ iteration, labelOf }: { iteration: Iteration; labelOf: (node: string) => string }) {
  const { error, failed_node, within } = iteration;
  return (
    <tr>
      <td className={`${styles.iteration} numbers`}>
        {iteration.iteration + 1}
        {within && <span className={styles.attempt}>{said.within(within)}</span>}
      </td>
      <td className={styles.status}>
        <Status status={iteration.status} />
      </td>
      <td className={`${styles.number} ${styles.wide} numbers`}>{rows(iteration.rows_in)}</td>
      <td className={`${styles.number} numbers`}>{rows(iteration.rows_out)}</td>
      <td className={`${styles.number} numbers`}>
        {iteration.duration_ms === null ? text.nothing : duration(iteration.duration_ms)}
      </td>
      <td className={styles.clip} title={error ? `${error.message} ${error.remedy}` : undefined}>
        {error && (
          <span className={styles.nodeError}>
            {failed_node && `${labelOf(failed_node)}: `}
            {error.message}
          </span>
        )}
      </td>
    </tr>
  );
}

interface IterationsProps {
  execution: string;
  node: NodeState;
  labelOf: (node: string) => string;
}

/** What the iterations of a loop came to, in their order, or only those that failed; grows while it runs. */
export function Iterations({ execution, node, labelOf }: IterationsProps) {
  const client = useQueryClient();
  const [only, setOnly] = useState<"all" | "failed">("all");
  const [page, setPage] = useState(1);
  const status = only === "failed" ? "failed" : undefined;
  const found = useQuery({
    ...iterations(execution, node.node_id, { status, page, size: SIZE }),
    placeholderData: keepPreviousData,
  });
  // The channel of the execution tells how many are over: then there is more to read.
  const told = `${node.status} ${node.iterations?.finished} ${node.iterations?.failed}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what was told that has changed
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["execution", execution, "iterations", node.node_id] });
  }, [client, execution, node.node_id, told]);
  return (
    <div>
      <div className={styles.iterationsBar}>
        <SegmentedControl
          size="xs"
          aria-label={said.show}
          value={only}
          onChange={(value) => {
            setOnly(value as typeof only);
            setPage(1);
          }}
          data={Object.entries(said.filter).map(([value, label]) => ({ value, label }))}
        />
        {node.iterations && <span className="numbers">{said.counts(node.iterations)}</span>}
      </div>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title(labelOf(node.node_id))} rows={3} />
      ) : found.data.results.length === 0 ? (
        <Notice icon={Repeat} title={only === "failed" ? said.noneFailed : said.none} />
      ) : (
        <>
          <table className={styles.table} aria-label={said.title(labelOf(node.node_id))}>
            <thead>
              <tr>
                <th className={styles.iteration}>{said.number}</th>
                <th className={styles.status}>{text.runs.status}</th>
                <th className={`${styles.number} ${styles.wide}`}>{text.execution.rowsIn}</th>
                <th className={styles.number}>{text.execution.rowsOut}</th>
                <th className={styles.number}>{text.execution.duration}</th>
                <th>{said.error}</th>
              </tr>
            </thead>
            <tbody>
              {found.data.results.map((each) => (
                <Row key={`${each.within}/${each.iteration}`} iteration={each} labelOf={labelOf} />
              ))}
            </tbody>
          </table>
          <div className={styles.iterationsPager}>
            <Pager
              total={said.total(found.data.count)}
              page={page}
              pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
              onPage={setPage}
            />
          </div>
        </>
      )}
    </div>
  );
}
