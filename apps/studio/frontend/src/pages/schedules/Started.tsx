import { Modal, Skeleton, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { exactTime } from "~/format/time";
import { ErrorNotice } from "~/parts/Notice";
import { type AnyStatus, Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Schedules.module.css";

export interface StartedRow {
  id: string;
  created_at: string;
  job_run_id: string | null;
  execution_id: string | null;
  run_status: string | null;
}

interface StartedProps<T extends StartedRow> {
  title: string;
  hint: string;
  none: string;
  rows: readonly T[] | undefined;
  error: Error | null;
  /** What is to be said of one, beside its time and its run. */
  detail: (row: T) => ReactNode;
  onClose: () => void;
  /** What else there is to be seen, below. */
  children?: ReactNode;
}

/** What a trigger or a webhook started, the latest first, with how each run stands. */
export function Started<T extends StartedRow>({
  title,
  hint,
  none,
  rows,
  error,
  detail,
  onClose,
  children,
}: StartedProps<T>) {
  const hrefOf = ({ job_run_id, execution_id }: T) =>
    job_run_id ? `/job-runs/${job_run_id}` : execution_id ? `/executions/${execution_id}` : null;
  return (
    <Modal opened onClose={onClose} size="xl" title={title}>
      <Text size="sm" c="dimmed" mb="md">
        {hint}
      </Text>
      {error ? (
        <ErrorNotice error={error} />
      ) : rows === undefined ? (
        <Skeleton height={120} />
      ) : rows.length === 0 ? (
        <p className={styles.soft}>{none}</p>
      ) : (
        <ul className={styles.list} aria-label={title}>
          {rows.map((row) => {
            const href = hrefOf(row);
            const status = row.run_status && row.run_status in text.status ? row.run_status : null;
            return (
              <li key={row.id}>
                <span className="numbers">{exactTime(row.created_at)}</span>
                {detail(row)}
                {href && status && (
                  <Link href={href}>
                    <Status status={status as AnyStatus} />
                  </Link>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {children}
    </Modal>
  );
}
