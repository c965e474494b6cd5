import { duration } from "~/format/numbers";
import type { Bar, Timed, Timeline } from "~/graph/timeline";
import styles from "./Lane.module.css";
import type { AnyStatus } from "./Status";

/** The scale above lanes: durations since the first start. */
export function Ticks({ ticks }: Pick<Timeline<Timed>, "ticks">) {
  return (
    <div className={`${styles.ticks} numbers`}>
      {ticks.map(({ at, ms }) => (
        <span key={ms} style={{ left: `${Math.min(at, 0.999) * 100}%` }} hidden={at > 0.92}>
          {duration(ms)}
        </span>
      ))}
    </div>
  );
}

/** When one thing ran, as a bar between the first start and the last end; empty for what has not begun. */
export function Lane({ bar, status }: { bar: Bar<Timed> | undefined; status: AnyStatus }) {
  return (
    <div className={styles.lane}>
      {bar && (
        <div
          className={styles.bar}
          data-status={status}
          style={{ left: `${bar.from * 100}%`, width: `${bar.width * 100}%` }}
        />
      )}
    </div>
  );
}
