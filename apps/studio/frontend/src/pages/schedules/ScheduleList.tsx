import { ActionIcon, Button, Group, Menu, Modal, Stack, Switch, Text } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, CalendarPlus, Ellipsis, History, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client";
import type { Runnable } from "~/api/jobRuns";
import { type Schedule, schedules } from "~/api/schedules";
import { HERE, sameClock, wallTime } from "~/format/time";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { BackfillDialog } from "./BackfillDialog";
import { HistoryDialog } from "./HistoryDialog";
import { ScheduleDialog } from "./ScheduleDialog";
import styles from "./Schedules.module.css";
import { TargetLink } from "./TargetLink";

const said = text.schedules;
const SIZE = 25;
type Does = "edit" | "backfill" | "history" | "remove";
type Dialog = { does: Does; schedule: Schedule };

const titleOf = (schedule: Schedule) => schedule.name || schedule.words;

/** When it fires next: here, and where its time zone is another one, there. */
function NextFire({ schedule, at }: { schedule: Schedule; at: string }) {
  const zone = schedule.cron ? schedule.timezone : HERE;
  return (
    <>
      <Time at={at} />
      <div className={styles.under}>
        {wallTime(at, HERE)}
        {!sameClock([at], HERE, zone) && ` · ${said.there(wallTime(at, zone), zone)}`}
      </div>
    </>
  );
}

interface RowProps {
  schedule: Schedule;
  /** What it runs, where that is not plain from the page. */
  runs: ReactNode | null;
  ask: (does: Does) => void;
}

function Row({ schedule, runs, ask }: RowProps) {
  const client = useQueryClient();
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => api.patch<Schedule>(`schedules/${schedule.id}`, { enabled }),
    onSettled: () => client.invalidateQueries({ queryKey: ["schedules"] }),
  });
  const title = titleOf(schedule);
  const on = toggle.isPending ? toggle.variables : schedule.enabled;
  return (
    <tr className={on ? undefined : styles.off}>
      <td>
        <Switch
          size="sm"
          aria-label={said.on(title)}
          checked={on}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
        />
      </td>
      <td title={schedule.words}>
        <span className={styles.name}>{title}</span>
        {schedule.name && <div className={styles.under}>{schedule.words}</div>}
        {toggle.error && <Refusal error={toggle.error} />}
      </td>
      {runs !== null && <td>{runs}</td>}
      <td className={page.soft}>
        {schedule.next_fire_at ? (
          <NextFire schedule={schedule} at={schedule.next_fire_at} />
        ) : on ? (
          said.over
        ) : (
          said.paused
        )}
      </td>
      <td className={page.number}>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={said.actions(title)}>
              <Ellipsis size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Pencil size={15} />} onClick={() => ask("edit")}>
              {said.edit}
            </Menu.Item>
            <Menu.Item leftSection={<CalendarPlus size={15} />} onClick={() => ask("backfill")}>
              {said.backfill}
            </Menu.Item>
            <Menu.Item leftSection={<History size={15} />} onClick={() => ask("history")}>
              {said.history}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => ask("remove")}>
              {said.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

function Remove({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`schedules/${schedule.id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["schedules"] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={said.removeTitle(titleOf(schedule))}>
      <Stack gap="md">
        <Text size="sm">{said.removeHint}</Text>
        <Refusal error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {said.remove}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface AskedProps {
  dialog: Dialog;
  ask: (dialog: Dialog | null) => void;
}

function Asked({ dialog: { does, schedule }, ask }: AskedProps) {
  const close = () => ask(null);
  switch (does) {
    case "backfill":
      return (
        <BackfillDialog
          schedule={schedule}
          name={titleOf(schedule)}
          onClose={close}
          onStarted={() => ask({ does: "history", schedule })}
        />
      );
    case "history":
      return <HistoryDialog schedule={schedule} name={titleOf(schedule)} onClose={close} />;
    case "remove":
      return <Remove schedule={schedule} onClose={close} />;
    default:
      return <ScheduleDialog schedule={schedule} of={null} onClose={close} />;
  }
}

interface ScheduleListProps {
  /** Of this job or package; null shows all. */
  of: Runnable | null;
  adding: boolean;
  onAdded: () => void;
}

/** Schedules with all that can be done to them. */
export function ScheduleList({ of, adding, onAdded }: ScheduleListProps) {
  const [at, setAt] = useState(1);
  const [dialog, ask] = useState<Dialog | null>(null);
  const found = useQuery({ ...schedules({ of, page: at, size: SIZE }), placeholderData: keepPreviousData });
  return (
    <>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title} rows={4} />
      ) : found.data.results.length === 0 ? (
        <Notice icon={CalendarClock} title={said.none}>
          {said.noneHint}
        </Notice>
      ) : (
        <>
          <Card>
            <table className={page.table}>
              <thead>
                <tr>
                  <th className={styles.toggle} aria-label={said.on("")} />
                  <th className={styles.words}>{said.when}</th>
                  {of === null && <th>{said.runs}</th>}
                  <th>{said.next}</th>
                  <th className={styles.menu} aria-label={said.actions("")} />
                </tr>
              </thead>
              <tbody>
                {found.data.results.map((schedule) => (
                  <Row
                    key={schedule.id}
                    schedule={schedule}
                    runs={of === null ? <TargetLink of={schedule} /> : null}
                    ask={(does) => ask({ does, schedule })}
                  />
                ))}
              </tbody>
            </table>
          </Card>
          <Pager
            total={said.total(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={setAt}
          />
        </>
      )}
      {adding && <ScheduleDialog schedule={null} of={of} onClose={onAdded} />}
      {dialog && <Asked dialog={dialog} ask={ask} />}
    </>
  );
}
