import { Button, Skeleton } from "@mantine/core";
import { CircleDashed, Rows3, TriangleAlert } from "lucide-react";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { RowsGrid } from "~/parts/RowsGrid";
import { text } from "~/text";
import styles from "../Drawer.module.css";
import type { NodeSample } from "./useNodeSample";

const WIDTHS = [100, 96, 98, 92, 97];

export function RowsSkeleton() {
  return (
    <div className={styles.skeleton} aria-busy>
      {WIDTHS.map((width) => (
        <Skeleton key={width} height={14} width={`${width}%`} />
      ))}
    </div>
  );
}

export function ReadSample({ read }: { read: () => void }) {
  return (
    <Button size="xs" variant="light" onClick={read}>
      {text.drawer.readSample}
    </Button>
  );
}

/** Rows of a sample, or why there are none. */
export function SampleBody({ label, sample }: { label: string; sample: NodeSample }) {
  const { data: rows, busy, error, read, obstacle } = sample;
  if (rows === null && obstacle !== null) {
    return obstacle.passing ? (
      <RowsSkeleton />
    ) : (
      <Notice icon={CircleDashed} title={text.drawer.notReady}>
        {obstacle.why}
      </Notice>
    );
  }
  if (error) {
    return error instanceof Error ? (
      <ErrorNotice error={error} retry={read} />
    ) : (
      <Notice
        icon={TriangleAlert}
        {...(error.code !== "" && { tone: "failed" as const, role: "alert" as const })}
        title={error.message}
        action={error.code !== "" && <ReadSample read={read} />}
      >
        {error.remedy}
      </Notice>
    );
  }
  if (rows === null) {
    return busy ? (
      <RowsSkeleton />
    ) : (
      <Notice icon={Rows3} title={text.drawer.noSample} action={<ReadSample read={read} />}>
        {text.drawer.noSampleHint}
      </Notice>
    );
  }
  if (rows.rows.length === 0 && rows.columns.length === 0) {
    return (
      <Notice icon={Rows3} title={text.drawer.noRows}>
        {text.drawer.noRowsHint}
      </Notice>
    );
  }
  return <RowsGrid label={label} columns={rows.columns} rows={rows.rows} />;
}
