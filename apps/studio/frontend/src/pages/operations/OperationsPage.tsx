import { ActionIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { type Operations, operations } from "~/api/operations";
import { useCrumbs } from "~/app/crumbs";
import { count, duration, percent, size } from "~/format/numbers";
import { ErrorNotice } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { Leases } from "./Leases";
import styles from "./Operations.module.css";
import { LastHour, Trend } from "./Plots";
import { Queues } from "./Queues";
import { Workers } from "./Workers";

const said = text.operations;
const SAMPLES = 90;
const STATES = ["queued", "running", "paused"] as const;
type Sample = Record<(typeof STATES)[number], number>;

function sampleOf({ queues }: Operations): Sample {
  const sum = (name: keyof Sample) => queues.reduce((all, queue) => all + queue[name], 0);
  return { queued: sum("queued"), running: sum("running"), paused: sum("paused") };
}

/** What was told since the page was opened, newest last. */
function useSamples(told: Operations | undefined): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (told) setSamples((known) => [...known, sampleOf(told)].slice(-SAMPLES));
  }, [told]);
  return samples;
}

function Tiles({ told }: { told: Operations }) {
  const samples = useSamples(told);
  const now = sampleOf(told);
  const oldest = Math.max(...told.queues.map(({ oldest_age_ms }) => oldest_age_ms ?? -1));
  const { p50, p95 } = told.throughput.wait_ms;
  const { bytes, quota_bytes, datasets, executions } = told.run_store;
  return (
    <dl className={styles.tiles} style={{ margin: 0 }}>
      {STATES.map((name) => (
        <div className={styles.tile} key={name}>
          <dt>{said[name]}</dt>
          <dd className={`${styles.value} numbers`}>
            {count(now[name])}
            <Trend label={said[name]} values={samples.map((sample) => sample[name])} />
          </dd>
          <dd className={styles.note}>
            {name === "queued" && (oldest < 0 ? said.nothingWaits : said.oldest(duration(oldest)))}
          </dd>
        </div>
      ))}
      <div className={styles.tile}>
        <dt>{said.wait}</dt>
        <dd className={`${styles.value} numbers`}>{p50 === null ? "—" : duration(p50)}</dd>
        <dd className={styles.note}>{p95 === null ? said.noRuns : said.p95(duration(p95))}</dd>
      </div>
      <div className={styles.tile}>
        <dt>{said.store}</dt>
        <dd className={`${styles.value} numbers`}>{size(bytes)}</dd>
        {quota_bytes !== null && (
          <dd className={styles.meter}>
            <span style={{ width: `${Math.min(100, (100 * bytes) / quota_bytes)}%` }} />
          </dd>
        )}
        <dd className={styles.note} title={said.datasets(datasets, executions)}>
          {quota_bytes === null
            ? said.datasets(datasets, executions)
            : said.quota(percent(bytes / quota_bytes), size(quota_bytes))}
        </dd>
      </div>
    </dl>
  );
}

/** What keeps executions going, for whoever looks after them; it updates itself. */
export function OperationsPage() {
  useCrumbs([{ label: text.nav.operations }]);
  const answer = useQuery(operations());
  const told = answer.data;
  if (told === undefined) {
    return (
      <Page title={said.title} hint={said.hint}>
        {answer.isError ? (
          <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />
        ) : (
          <LoadingRows label={said.title} rows={8} />
        )}
      </Page>
    );
  }
  const { oldest_at, retention_days } = told.run_store;
  return (
    <Page
      title={said.title}
      hint={answer.isError ? said.stale : said.hint}
      actions={
        <>
          {oldest_at && (
            <span className={styles.note}>
              {said.oldestRows} <Time at={oldest_at} /> · {said.kept(retention_days)}
            </span>
          )}
          <ActionIcon
            variant="default"
            size={36}
            aria-label={said.refresh}
            title={said.refresh}
            onClick={() => void answer.refetch()}
          >
            <RefreshCw size={15} />
          </ActionIcon>
        </>
      }
    >
      <div className={styles.grid}>
        <Tiles told={told} />
        <Card title={said.lastHour} hint={said.lastHourHint}>
          <LastHour minutes={told.throughput.minutes} now={Date.parse(told.at)} />
        </Card>
        <Queues queues={told.queues} />
        <Workers hosts={told.workers} now={Date.parse(told.at)} />
        <Leases leases={told.leases} />
      </div>
    </Page>
  );
}
