import { Button } from "@mantine/core";
import { text } from "~/text";
import styles from "./ExplorerPage.module.css";

interface MoreProps {
  shown: number;
  total: number;
  /** Null where everything is there. */
  more: (() => void) | null;
  loading: boolean;
}

/** How much of a long list is there, and the way to the next page; a list that is all there needs none. */
export function More({ shown, total, more, loading }: MoreProps) {
  if (more === null) return null;
  return (
    <div className={styles.count}>
      <span className="numbers">{text.explorer.shown(shown, total)}</span>
      <Button variant="subtle" size="compact-sm" loading={loading} onClick={more}>
        {text.explorer.more(total - shown)}
      </Button>
    </div>
  );
}
