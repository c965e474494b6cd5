import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Eye, History } from "lucide-react";
import * as queries from "~/api/queries";
import { duration } from "~/format/numbers";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import styles from "./Drawer.module.css";

/** Past runs of this workflow; any of them can be shown on the canvas. */
export function RunsView() {
  const { workflow, execution, showRun } = useWorkflowView();
  const runs = useQuery(queries.executions({ workflow: workflow.id, size: 50 }));
  if (runs.isError) return <ErrorNotice error={runs.error} retry={() => void runs.refetch()} />;
  if (runs.isPending) {
    return (
      <div className={styles.skeleton}>
        <Skeleton height={16} />
        <Skeleton height={16} />
      </div>
    );
  }
  if (runs.data.results.length === 0) return <Notice icon={History} title={text.runs.none} />;
  return (
    <table className={styles.runs}>
      <thead>
        <tr>
          <th>{text.runs.status}</th>
          <th>{text.runs.run}</th>
          <th>{text.runs.started}</th>
          <th className={styles.right}>{text.runs.duration}</th>
          <th aria-label={text.runs.showOnCanvas} />
        </tr>
      </thead>
      <tbody>
        {runs.data.results.map((listed) => {
          // The run on the canvas is known better than the list knows it.
          const run = execution?.id === listed.id ? execution : listed;
          const took =
            run.started_at && run.finished_at
              ? Date.parse(run.finished_at) - Date.parse(run.started_at)
              : null;
          return (
            <tr key={run.id} data-shown={run.id === execution?.id}>
              <td>
                <Status status={run.status} />
              </td>
              <td>
                <ExecutionLabel id={run.id} />
              </td>
              <td>
                <Time at={run.started_at} />
              </td>
              <td className={`${styles.right} numbers`}>{took === null ? text.nothing : duration(took)}</td>
              <td className={styles.right}>
                <Tooltip label={text.runs.showOnCanvas}>
                  <ActionIcon
                    size="sm"
                    variant="subtle"
                    color="gray"
                    aria-label={text.runs.showOnCanvas}
                    onClick={() => showRun(run.id)}
                  >
                    <Eye size={15} />
                  </ActionIcon>
                </Tooltip>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
