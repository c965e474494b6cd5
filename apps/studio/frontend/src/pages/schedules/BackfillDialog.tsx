import { Button, Checkbox, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import type { Backfill, BackfillPlan, Schedule } from "~/api/schedules";
import { exactTime } from "~/format/time";
import { Refusal } from "~/parts/Notice";
import { Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Schedules.module.css";

const said = text.schedules;
const SHOWN = 100;
const DAY_MS = 86_400_000;

/** A moment as an input of date and time spells it, here. */
function spelled(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function Plan({ plan }: { plan: BackfillPlan }) {
  if (plan.count === 0) return <Text size="sm">{said.noPlan}</Text>;
  return (
    <div>
      <Text size="sm" fw={600} mb={6}>
        {said.planned(plan.count)}
      </Text>
      <ul className={`${styles.list} numbers`}>
        {plan.fires.slice(0, SHOWN).map(({ scheduled_at, ran }) => (
          <li key={scheduled_at}>
            <span>{exactTime(scheduled_at)}</span>
            {ran && (
              <>
                <span className={styles.soft}>{said.ran}</span>
                <Status status={ran} />
              </>
            )}
          </li>
        ))}
        {plan.count > SHOWN && <li className={styles.soft}>{said.more(plan.count - SHOWN)}</li>}
      </ul>
    </div>
  );
}

interface BackfillDialogProps {
  schedule: Schedule;
  name: string;
  onClose: () => void;
  onStarted: () => void;
}

/** Runs the fires of a past range, after a look at which these are. */
export function BackfillDialog({ schedule, name, onClose, onStarted }: BackfillDialogProps) {
  const client = useQueryClient();
  const [from, setFrom] = useState(() => spelled(new Date(Date.now() - 7 * DAY_MS)));
  const [to, setTo] = useState(() => spelled(new Date()));
  const [missingOnly, setMissingOnly] = useState(true);
  const [concurrency, setConcurrency] = useState(1);
  const path = `schedules/${schedule.id}/backfill`;
  const body = () => ({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    missing_only: missingOnly,
    concurrency,
  });
  const plan = useMutation({ mutationFn: () => api.post<BackfillPlan>(path, { ...body(), dry_run: true }) });
  const start = useMutation({
    mutationFn: () => api.act<Backfill>(path, body(), crypto.randomUUID()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["schedules", schedule.id] });
      onStarted();
    },
  });
  // A plan holds for what it was asked with.
  const changed = () => plan.reset();
  const complete = from !== "" && to !== "";
  return (
    <Modal opened onClose={onClose} size="lg" title={said.backfillTitle(name)}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          plan.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {said.backfillHint}
          </Text>
          <div className={styles.two}>
            <TextInput
              type="datetime-local"
              label={said.from}
              value={from}
              onChange={(event) => {
                setFrom(event.currentTarget.value);
                changed();
              }}
            />
            <TextInput
              type="datetime-local"
              label={said.to}
              value={to}
              onChange={(event) => {
                setTo(event.currentTarget.value);
                changed();
              }}
            />
          </div>
          <div className={styles.two}>
            <NumberInput
              label={said.concurrency}
              min={1}
              max={16}
              allowDecimal={false}
              value={concurrency}
              onChange={(value) => setConcurrency(Number(value) || 1)}
            />
            <Checkbox
              mt={30}
              label={said.missingOnly}
              checked={missingOnly}
              onChange={(event) => {
                setMissingOnly(event.currentTarget.checked);
                changed();
              }}
            />
          </div>
          {plan.data && <Plan plan={plan.data} />}
          <Refusal error={plan.error ?? start.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button
              type="submit"
              variant={plan.data ? "default" : "filled"}
              loading={plan.isPending}
              disabled={!complete}
            >
              {said.plan}
            </Button>
            {plan.data && plan.data.count > 0 && (
              <Button loading={start.isPending} onClick={() => start.mutate()}>
                {said.start(plan.data.count)}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
