import { Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import { pathOf, type Runnable, type RunnableKind } from "~/api/jobRuns";
import type { Schedule } from "~/api/schedules";
import { HERE } from "~/format/time";
import { type Choice, intervalOf, timetableOf, type Unit } from "~/graph/timetable";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { Explained } from "./Explained";
import styles from "./Schedules.module.css";

const said = text.schedules;
const RUNNABLE: readonly RunnableKind[] = ["job", "job_package"];
const ZONES = [...new Set(["UTC", HERE, ...Intl.supportedValuesOf("timeZone")])];
const pairs = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

function choiceOf(schedule: Schedule | null): Choice {
  const interval = schedule?.every_seconds ?? null;
  return {
    kind: interval === null ? "cron" : "interval",
    cron: schedule?.cron || "0 6 * * *",
    timezone: schedule?.timezone ?? HERE,
    ...(interval === null ? { every: "1", unit: "hours" as Unit } : intervalOf(interval)),
  };
}

interface FieldsProps {
  choice: Choice;
  change: (changes: Partial<Choice>) => void;
}

function ByCalendar({ choice, change }: FieldsProps) {
  return (
    <>
      <div className={styles.presets}>
        {said.presets.map(([cron, label]) => (
          <Button
            key={cron}
            size="compact-xs"
            variant={choice.cron === cron ? "light" : "default"}
            onClick={() => change({ cron })}
          >
            {label}
          </Button>
        ))}
      </div>
      <div className={styles.two}>
        <TextInput
          label={said.cron}
          description={said.cronHint}
          inputWrapperOrder={["label", "input", "description"]}
          value={choice.cron}
          onChange={(event) => change({ cron: event.currentTarget.value })}
        />
        <Select
          label={said.zone}
          searchable
          allowDeselect={false}
          limit={80}
          data={ZONES}
          value={choice.timezone}
          onChange={(timezone) => timezone && change({ timezone })}
        />
      </div>
    </>
  );
}

function EverySoOften({ choice, change }: FieldsProps) {
  return (
    <div className={styles.two}>
      <NumberInput
        label={said.every}
        min={1}
        allowDecimal={false}
        value={choice.every}
        onChange={(every) => change({ every: String(every) })}
      />
      <Select
        label={said.unit}
        allowDeselect={false}
        data={pairs(said.units)}
        value={choice.unit}
        onChange={(unit) => unit && change({ unit: unit as Unit })}
      />
    </div>
  );
}

interface ScheduleDialogProps {
  /** Null makes a new one. */
  schedule: Schedule | null;
  /** What a new one runs, where that is settled. */
  of: Runnable | null;
  onClose: () => void;
}

/** Makes or changes a schedule; says in words what it means before it is saved. */
export function ScheduleDialog({ schedule, of, onClose }: ScheduleDialogProps) {
  const client = useQueryClient();
  const [chosen, choose] = useState<Runnable | null>(null);
  const target = of ?? chosen;
  const [name, setName] = useState(schedule?.name ?? "");
  const [choice, setChoice] = useState(() => choiceOf(schedule));
  const [overlap, setOverlap] = useState<string>(schedule?.overlap ?? "skip");
  const [catchUp, setCatchUp] = useState<string>(schedule?.catch_up ?? "last");
  const [most, setMost] = useState(schedule?.catch_up_limit ?? 100);
  const change = (changes: Partial<Choice>) => setChoice((known) => ({ ...known, ...changes }));
  const timetable = timetableOf(choice);
  const save = useMutation({
    mutationFn: () => {
      const timing =
        timetable !== null && "cron" in timetable
          ? { ...timetable, every_seconds: null }
          : { cron: "", every_seconds: timetable?.every_seconds };
      const body = { name: name.trim(), ...timing, overlap, catch_up: catchUp, catch_up_limit: most };
      if (schedule !== null) return api.patch<Schedule>(`schedules/${schedule.id}`, body);
      if (target === null) throw new Error(said.chooseTarget);
      return api.post<Schedule>(`${pathOf(target)}/schedules`, body);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["schedules"] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={schedule === null ? said.add : said.edit}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <div className={styles.two}>
            {schedule === null && of === null && (
              <PlaceSelect
                label={said.target}
                placeholder={said.chooseTarget}
                types={RUNNABLE}
                permission="write"
                value={chosen?.id ?? null}
                onChange={(place) => choose(place && { kind: place.type as RunnableKind, id: place.id })}
              />
            )}
            <TextInput
              label={said.name}
              placeholder={said.nameHint}
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </div>
          <SegmentedControl
            size="xs"
            value={choice.kind}
            onChange={(kind) => change({ kind: kind as Choice["kind"] })}
            data={pairs(said.kinds)}
          />
          {choice.kind === "cron" ? (
            <ByCalendar choice={choice} change={change} />
          ) : (
            <EverySoOften choice={choice} change={change} />
          )}
          <Explained timetable={timetable} />
          <div className={styles.two}>
            <Select
              label={said.overlap}
              allowDeselect={false}
              data={pairs(said.overlaps)}
              value={overlap}
              onChange={(value) => value && setOverlap(value)}
            />
            <Select
              label={said.catchUp}
              allowDeselect={false}
              data={pairs(said.catchUps)}
              value={catchUp}
              onChange={(value) => value && setCatchUp(value)}
            />
            {catchUp === "all" && (
              <NumberInput
                label={said.catchUpLimit}
                min={1}
                max={1000}
                allowDecimal={false}
                value={most}
                onChange={(value) => setMost(Number(value) || 1)}
              />
            )}
          </div>
          <Refusal error={save.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={(schedule === null && target === null) || timetable === null}
            >
              {schedule === null ? text.create : text.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
