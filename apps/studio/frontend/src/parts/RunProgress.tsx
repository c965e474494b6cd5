import { Progress } from "@mantine/core";
import { type ExecutionState, partOf } from "~/graph/execution";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import styles from "./RunProgress.module.css";

/** How far a run is, as a thin line; it goes to and fro while nobody can tell. */
export function RunProgress({ run }: { run: ExecutionState }) {
  const part = partOf(run, useNow(true));
  if (part === null && run.status === "running") {
    return <div className={styles.unknown} role="progressbar" aria-label={text.status.running} />;
  }
  return (
    <Progress
      value={(part ?? 0) * 100}
      size={2}
      radius={0}
      transitionDuration={400}
      aria-label={text.status.running}
    />
  );
}
