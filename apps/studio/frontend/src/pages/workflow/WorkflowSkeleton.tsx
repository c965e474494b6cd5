import { Skeleton } from "@mantine/core";
import { useDrawer, usePalette } from "./panels";
import styles from "./WorkflowPage.module.css";

const LINES = 14;

/** The page's frame before the workflow is there: the same places, so that nothing jumps. */
export function WorkflowSkeleton() {
  const palette = usePalette();
  const drawer = useDrawer();
  return (
    <div className={styles.page} aria-busy>
      <div className={styles.bar}>
        <Skeleton height={16} width={160} />
        <span className={styles.spring} />
        <Skeleton height={32} width={84} />
      </div>
      {palette.open && (
        <div className={styles.palette} style={{ width: palette.size }}>
          <div className={styles.waiting}>
            {Array.from({ length: LINES }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
              <Skeleton key={index} height={index === 0 ? 32 : 16} width={`${100 - ((index * 17) % 40)}%`} />
            ))}
          </div>
        </div>
      )}
      <div className={styles.left}>
        <div className={styles.canvas} />
        {drawer.open && <div className={styles.drawer} style={{ height: drawer.size }} />}
      </div>
    </div>
  );
}
