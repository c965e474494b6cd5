import { ActionIcon, Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useSearchParams } from "wouter";
import { calendar, type Runnable } from "~/api/jobRuns";
import { HERE } from "~/format/time";
import {
  boundsOf,
  type DayCounts,
  isoDay,
  later,
  type Month,
  type Outcome,
  outcomeOf,
  readMonth,
  spanOf,
  weeksOf,
  writeMonth,
} from "~/graph/calendar";
import { ErrorNotice } from "~/parts/Notice";
import { type AnyStatus, StatusIcon } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Jobs.module.css";
import { RunList } from "./RunList";

const said = text.jobs;
const OUTCOMES: readonly Outcome[] = ["failed", "unfinished", "cancelled", "success"];
const ICON: Record<Outcome, AnyStatus> = {
  failed: "failed",
  unfinished: "running",
  cancelled: "cancelled",
  success: "success",
};

function today(): string {
  const now = new Date();
  return isoDay(now.getFullYear(), now.getMonth() + 1, now.getDate());
}

interface DayProps {
  day: string;
  counts: DayCounts | undefined;
  chosen: boolean;
  choose: () => void;
}

function Day({ day, counts, chosen, choose }: DayProps) {
  const outcome = outcomeOf(counts);
  const number = <span className="numbers">{Number(day.slice(8))}</span>;
  const isToday = day === today();
  if (counts === undefined || outcome === null) {
    return (
      <div className={styles.day} data-today={isToday}>
        {number}
      </div>
    );
  }
  const parts = OUTCOMES.filter((each) => counts[each] > 0);
  const words = said.outcomes(parts.map((each) => said.counted(counts[each], said.outcome[each])));
  return (
    <button
      type="button"
      className={styles.day}
      data-outcome={outcome}
      data-today={isToday}
      aria-pressed={chosen}
      aria-label={`${said.dayTitle(day)}: ${words}`}
      title={words}
      onClick={choose}
    >
      {number}
      <span className={`${styles.counts} numbers`}>
        {parts.slice(0, 2).map((each) => (
          <span key={each}>
            <StatusIcon status={ICON[each]} size={12} />
            {counts[each]}
          </span>
        ))}
      </span>
    </button>
  );
}

/** A month of runs, coloured by how they ended; a day opens to its runs. Both are in the address. */
export function CalendarView({ of, refetch }: { of: Runnable; refetch: number | false }) {
  const [search, setSearch] = useSearchParams();
  const now: Month = readMonth(today().slice(0, 7)) ?? { year: 2026, month: 1 };
  const month = readMonth(search.get("month")) ?? now;
  const chosen = search.get("day");
  const { first, last } = boundsOf(month);
  const answer = useQuery({
    ...calendar(of, first, last, HERE),
    placeholderData: keepPreviousData,
    refetchInterval: refetch,
  });
  const days = new Map((answer.data?.days ?? []).map((each) => [each.day, each]));
  const set = (changes: Record<string, string | null>) =>
    setSearch((known) => {
      const next = new URLSearchParams(known);
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) next.delete(key);
        else next.set(key, value);
      }
      return next;
    });
  const go = (to: Month) => set({ month: writeMonth(to), day: null });
  return (
    <>
      <div className={styles.month}>
        <ActionIcon variant="default" aria-label={said.earlier} onClick={() => go(later(month, -1))}>
          <ChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={said.later} onClick={() => go(later(month, 1))}>
          <ChevronRight size={16} />
        </ActionIcon>
        <h2>{said.month(month.year, month.month)}</h2>
        {writeMonth(month) !== writeMonth(now) && (
          <Button size="compact-sm" variant="subtle" onClick={() => go(now)}>
            {said.thisMonth}
          </Button>
        )}
        <p>{said.zone(HERE)}</p>
      </div>
      {answer.isError && <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />}
      <div className={styles.grid}>
        {said.weekdays.map((weekday) => (
          <span key={weekday} className={styles.weekday}>
            {weekday}
          </span>
        ))}
        {weeksOf(month)
          .flat()
          .map((day, place) =>
            day === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a gap is its place
              <span key={place} />
            ) : (
              <Day
                key={day}
                day={day}
                counts={days.get(day)}
                chosen={chosen === day}
                choose={() => set({ month: writeMonth(month), day: chosen === day ? null : day })}
              />
            ),
          )}
      </div>
      {chosen && /^\d{4}-\d{2}-\d{2}$/.test(chosen) && (
        <section aria-label={said.dayTitle(chosen)}>
          <h2 className={styles.heading}>{said.dayTitle(chosen)}</h2>
          <RunList
            key={chosen}
            of={of}
            filter={spanOf(chosen)}
            refetch={refetch}
            none={{ title: said.noRunsDay }}
          />
        </section>
      )}
    </>
  );
}
