import { Tooltip } from "@mantine/core";
import type { Throughput } from "~/api/operations";
import { everyMinute, line, stacks } from "~/graph/plot";
import { text } from "~/text";
import styles from "./Operations.module.css";

const KEYS = ["success", "cancelled", "failed", "unfinished"] as const;
const MINUTES = 60;
const WIDTH = 96;
const HEIGHT = 24;

const clock = (at: number) =>
  new Date(at).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Runs of the last hour, a bar a minute, stacked by what became of them. */
export function LastHour({ minutes, now }: { minutes: Throughput["minutes"]; now: number }) {
  const all = everyMinute(minutes, now, MINUTES);
  const bars = stacks(
    all.map(({ row }) => (row ?? {}) as Record<string, number>),
    KEYS,
  );
  const total = bars.reduce((sum, { total }) => sum + total, 0);
  if (total === 0) return <p className={styles.quiet}>{text.operations.quiet}</p>;
  return (
    <figure className={styles.plot}>
      <div
        className={styles.bars}
        role="img"
        aria-label={text.operations.perMinute(total, text.operations.lastHour)}
      >
        {bars.map(({ parts, total }, index) => (
          <Tooltip
            key={all[index]?.at}
            label={text.operations.perMinute(total, clock(all[index]?.at ?? 0))}
            disabled={total === 0}
          >
            <span className={styles.bar}>
              {parts.map(({ key, from, height }) => (
                <span
                  key={key}
                  data-part={key}
                  style={{ bottom: `${from * 100}%`, height: `${height * 100}%` }}
                />
              ))}
            </span>
          </Tooltip>
        ))}
      </div>
      <div className={`${styles.axis} numbers`} aria-hidden>
        {all
          .filter((_, index) => index % 15 === 0 || index === MINUTES - 1)
          .map(({ at }) => (
            <span key={at}>{clock(at)}</span>
          ))}
      </div>
      <figcaption className={styles.legend}>
        {KEYS.map((key) => (
          <span key={key} data-part={key}>
            {text.operations[key]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** How a number went since the page was opened. */
export function Trend({ label, values }: { label: string; values: readonly number[] }) {
  if (values.length < 2) return <svg width={WIDTH} height={HEIGHT} aria-hidden />;
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      role="img"
      aria-label={text.operations.trend(label)}
      className={styles.trend}
    >
      <polyline points={line(values, WIDTH, HEIGHT)} />
    </svg>
  );
}
