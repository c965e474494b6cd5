import { ActionIcon, Button, Group, Menu, Modal, Stack, Switch, Text } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, CalendarPlus, Ellipsis, History, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api } from "~/api/client";
import { type Schedule, schedules } from "~/api/schedules";
import { useJobs } from "~/api/useJobs";
import { useCrumbs } from "~/app/crumbs";
import { words } from "~/operateText";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { BackfillDialog } from "./BackfillDialog";
import { HistoryDialog } from "./HistoryDialog";
import { ScheduleDialog } from "./ScheduleDialog";
import styles from "./Schedules.module.css";

const said = words.schedules;
const SIZE = 25;
type Does = "add" | "edit" | "backfill" | "history" | "remove";
type Dialog = { does: Does; schedule: Schedule | null };

const titleOf = (schedule: Schedule) => schedule.name || schedule.words;

function Row({
  schedule,
  job,
  ask,
}: {
  schedule: Schedule;
  job: string | undefined;
  ask: (does: Does) => void;
}) {
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
      <td>
        {schedule.job_id === null ? (
          text.nothing
        ) : (
          <Link href={`/jobs/${schedule.job_id}`} className={page.link}>
            {job ?? schedule.job_id.slice(-6)}
          </Link>
        )}
      </td>
      <td className={page.soft}>
        {schedule.next_fire_at ? <Time at={schedule.next_fire_at} /> : on ? said.over : said.paused}
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
  job: string | null;
  ask: (dialog: Dialog | null) => void;
}

function Asked({ dialog: { does, schedule }, job, ask }: AskedProps) {
  const close = () => ask(null);
  if (schedule === null) return <ScheduleDialog schedule={null} job={job} onClose={close} />;
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
      return <ScheduleDialog schedule={schedule} job={job} onClose={close} />;
  }
}

/** What runs by itself, and when; of one job where the address names it. */
export function SchedulesPage() {
  useCrumbs([{ label: words.nav.schedules }]);
  const [search, setSearch] = useSearchParams();
  const job = search.get("job");
  const at = Math.max(1, Number(search.get("page")) || 1);
  const [dialog, ask] = useState<Dialog | null>(null);
  const found = useQuery({
    ...schedules({ ...(job ? { job } : {}), page: at, size: SIZE }),
    placeholderData: keepPreviousData,
  });
  const { nameOf } = useJobs(
    [job, ...(found.data?.results ?? []).map(({ job_id }) => job_id)].filter((id) => id !== null),
  );
  return (
    <Page
      title={said.title}
      hint={job === null ? said.hint : said.of(nameOf(job) ?? "…")}
      actions={
        <>
          {job !== null && (
            <Button variant="subtle" component={Link} href="/schedules">
              {said.all}
            </Button>
          )}
          <Button leftSection={<Plus size={15} />} onClick={() => ask({ does: "add", schedule: null })}>
            {said.add}
          </Button>
        </>
      }
    >
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
                  <th>{said.job}</th>
                  <th>{said.next}</th>
                  <th className={styles.menu} aria-label={said.actions("")} />
                </tr>
              </thead>
              <tbody>
                {found.data.results.map((schedule) => (
                  <Row
                    key={schedule.id}
                    schedule={schedule}
                    job={schedule.job_id === null ? undefined : nameOf(schedule.job_id)}
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
            onPage={(next) => setSearch(new URLSearchParams({ ...(job ? { job } : {}), page: String(next) }))}
          />
        </>
      )}
      {dialog && <Asked dialog={dialog} job={job} ask={ask} />}
    </Page>
  );
}
