import { Skeleton } from "@mantine/core";
import styles from "./WorkflowPage.module.css";

/** The page's frame before the workflow is there: the same places, so that nothing jumps. */
export function WorkflowSkeleton() {
  return (
    <div className={styles.page} aria-busy>
      <div className={styles.bar}>
        <Skeleton height={16} width={160} />
        <span className={styles.spring} />
        <Skeleton height={32} width={84} radius={6} />
      </div>
      <div className={styles.canvas} />
    </div>
  );
}
