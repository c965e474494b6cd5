import { Button, Modal, Progress, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import { type Backfill, backfills, type Fire, fires, type Schedule } from "~/api/schedules";
import { exactTime } from "~/format/time";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Schedules.module.css";

const said = text.schedules;

function FireLine({ fire }: { fire: Fire }) {
  return (
    <li>
      <span className="numbers">{exactTime(fire.scheduled_at)}</span>
      {(fire.reason || fire.error) && (
        <span className={styles.soft}>{fire.error?.message ?? fire.reason}</span>
      )}
      {fire.job_run_status ? (
        <Status status={fire.job_run_status} />
      ) : (
        <span className={styles.soft}>{said.fireStatus[fire.status] ?? fire.status}</span>
      )}
    </li>
  );
}

function BackfillLine({ backfill }: { backfill: Backfill }) {
  const client = useQueryClient();
  const { total, success, failed, cancelled } = backfill.progress;
  const done = success + failed + cancelled;
  const cancel = useMutation({
    mutationFn: () => api.post(`backfills/${backfill.id}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: ["schedules", backfill.schedule_id] }),
  });
  return (
    <>
      <li>
        <span className="numbers">
          {exactTime(backfill.from)} – {exactTime(backfill.to)}
        </span>
        <Progress w={96} value={total === 0 ? 100 : (done / total) * 100} aria-label={said.backfills} />
        <span className={`${styles.soft} numbers`}>{said.progress(done, total)}</span>
        <Status status={backfill.status} />
        {backfill.status === "running" && (
          <Button
            size="compact-xs"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            {said.cancelBackfill}
          </Button>
        )}
      </li>
      {cancel.error && <Refusal error={cancel.error} />}
    </>
  );
}

/** What a schedule fired and left out, and its backfills. */
export function HistoryDialog({
  schedule,
  name,
  onClose,
}: {
  schedule: Schedule;
  name: string;
  onClose: () => void;
}) {
  const fired = useQuery(fires(schedule.id));
  const filled = useQuery(backfills(schedule.id));
  const error = fired.error ?? filled.error;
  return (
    <Modal opened onClose={onClose} size="xl" title={said.historyTitle(name)}>
      {error ? (
        <ErrorNotice error={error} />
      ) : fired.data === undefined || filled.data === undefined ? (
        <Skeleton height={160} />
      ) : (
        <Stack gap="md">
          {filled.data.results.length > 0 && (
            <>
              <h3 className={styles.heading}>{said.backfills}</h3>
              <ul className={styles.list} aria-label={said.backfills}>
                {filled.data.results.map((backfill) => (
                  <BackfillLine key={backfill.id} backfill={backfill} />
                ))}
              </ul>
            </>
          )}
          <h3 className={styles.heading}>{said.fires}</h3>
          {fired.data.results.length === 0 ? (
            <p className={styles.soft}>{said.noFires}</p>
          ) : (
            <ul className={styles.list} aria-label={said.fires}>
              {fired.data.results.map((fire) => (
                <FireLine key={fire.id} fire={fire} />
              ))}
            </ul>
          )}
        </Stack>
      )}
    </Modal>
  );
}
