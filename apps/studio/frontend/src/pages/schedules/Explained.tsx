import { Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Problem } from "~/api/client";
import { explained, type Timetable } from "~/api/schedules";
import { exactTime, HERE, sameClock, wallTime } from "~/format/time";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Schedules.module.css";

const said = text.schedules;

/** A timetable in words, and when it fires next; or what is wrong with it. */
export function Explained({ timetable }: { timetable: Timetable | null }) {
  const [asked] = useDebouncedValue(timetable, 250);
  const answer = useQuery({
    ...explained(asked ?? { cron: "", timezone: "UTC" }),
    enabled: asked !== null,
    placeholderData: (known) => known,
    retry: false,
  });
  if (timetable === null || asked === null) return <div className={styles.explained} />;
  if (answer.isError) {
    const { error } = answer;
    const message = error instanceof Problem ? (error.errors[0]?.message ?? error.message) : error.message;
    return (
      <div className={styles.explained} role="alert" data-wrong="true">
        {message}
      </div>
    );
  }
  if (answer.data === undefined) {
    return (
      <div className={styles.explained}>
        <Skeleton height={14} width="60%" />
      </div>
    );
  }
  const { fires, timezone } = answer.data;
  // The same everywhere, or an interval, which has no zone.
  const elsewhere = "cron" in asked && !sameClock(fires, HERE, timezone);
  return (
    <div className={styles.explained} aria-live="polite" data-stale={answer.isPlaceholderData}>
      <strong>{answer.data.words}</strong>
      <ol aria-label={said.nextFires} className="numbers">
        {elsewhere && (
          <li aria-hidden className={styles.zones}>
            <span>{said.here(HERE)}</span>
            <span>{timezone}</span>
            <span />
          </li>
        )}
        {fires.map((at) => (
          <li key={at}>
            <span title={exactTime(at)}>{wallTime(at, HERE)}</span>
            {elsewhere && <span>{wallTime(at, timezone)}</span>}
            <Time at={at} />
          </li>
        ))}
      </ol>
    </div>
  );
}
