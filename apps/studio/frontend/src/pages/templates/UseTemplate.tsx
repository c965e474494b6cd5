import { Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { Problem } from "~/api/client";
import * as queries from "~/api/queries";
import { copyTemplate, type Slot, type Template } from "~/api/templates";
import { useJobs } from "~/api/useJobs";
import { connectorIcon } from "~/parts/icons";
import { Notice, Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { SketchView } from "./SketchView";
import styles from "./Templates.module.css";

interface SlotFieldProps {
  slot: Slot;
  value: string | null;
  onChange: (id: string | null) => void;
}

function SlotField({ slot, value, onChange }: SlotFieldProps) {
  const types = useQuery(queries.connectorTypes());
  const Icon = connectorIcon(slot.connector_type);
  const type = types.data?.find((each) => each.type === slot.connector_type)?.label ?? slot.connector_type;
  return (
    <Select
      label={slot.label}
      description={slot.description}
      leftSection={<Icon size={15} strokeWidth={1.75} />}
      placeholder={slot.choices.length > 0 ? text.templates.later : text.templates.noConnector(type)}
      disabled={slot.choices.length === 0}
      inputWrapperOrder={["label", "input", "description", "error"]}
      clearable
      data={slot.choices.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  );
}

const FOLDER = "folder:";

interface UseTemplateProps {
  template: Template;
  /** Where it should go, if the way here said so. */
  job: string | null;
  folder: string | null;
  onClose: () => void;
}

/** Asks where a copy goes and what it reads and writes, makes it, and opens it. */
export function UseTemplate({ template, job, folder, onClose }: UseTemplateProps) {
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const { jobs } = useJobs(job === null ? [] : [job]);
  const lately = useQuery(queries.findWorkflows("", 8));
  const into = useQuery({ ...queries.folder(folder ?? ""), enabled: folder !== null });
  const [name, setName] = useState(template.name);
  const [asked, ask] = useState<string | null>(null);
  const [connectors, setConnectors] = useState(() =>
    Object.fromEntries(template.slots.map(({ name: slot, proposed }) => [slot, proposed])),
  );
  const places = [
    ...(into.data ? [{ value: FOLDER + into.data.id, label: text.templates.newJob(into.data.name) }] : []),
    ...jobs.map((each) => ({ value: each.id, label: each.name })),
  ];
  const proposed = folder === null ? (job ?? lately.data?.results[0]?.job_id) : FOLDER + folder;
  const place = asked ?? places.find(({ value }) => value === proposed)?.value ?? places[0]?.value ?? null;
  // One key for one wish: a second click, or a try after a lost answer, makes no second workflow.
  const key = useRef(crypto.randomUUID());
  const copy = useMutation({
    mutationFn: () =>
      copyTemplate(
        template.id,
        {
          ...(place?.startsWith(FOLDER)
            ? { folder_id: place.slice(FOLDER.length) }
            : { job_id: place ?? "" }),
          connectors: Object.fromEntries(
            Object.entries(connectors).flatMap(([slot, id]) => (id === null ? [] : [[slot, id]])),
          ),
          name: name.trim(),
        },
        key.current,
      ),
    onSuccess: async (made) => {
      await Promise.all(
        ["workflows", "jobs", "folders", "tree"].map((each) =>
          client.invalidateQueries({ queryKey: [each] }),
        ),
      );
      navigate(`/workflows/${made.id}`);
    },
    onError: (error) => {
      if (!(error instanceof Problem && error.code === "unreachable")) key.current = crypto.randomUUID();
    },
  });
  const waiting = lately.isPending || (folder !== null && into.isPending);
  const parameters = Object.entries(template.parameters);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (place !== null && name.trim() !== "") copy.mutate();
  }

  return (
    <Modal opened onClose={onClose} size="lg" title={template.name}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <div className={styles.picture} data-large>
            <SketchView diagram={template.workflow_diagram} label={text.templates.preview(template.name)} />
          </div>
          <Text size="sm">
            {template.description}
            {template.companions.length > 0 && ` ${text.templates.companions(template.companions)}`}
          </Text>
          {!waiting && places.length === 0 ? (
            <Notice
              title={text.templates.noJob}
              action={
                <Button component={Link} href="/workspaces" size="xs" variant="default">
                  {text.nav.workspaces}
                </Button>
              }
            >
              {text.templates.noJobHint}
            </Notice>
          ) : (
            <>
              <div className={styles.pair}>
                <TextInput
                  label={text.name}
                  value={name}
                  maxLength={200}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
                <Select
                  label={text.templates.into}
                  data={places}
                  value={place}
                  allowDeselect={false}
                  searchable={places.length > 8}
                  onChange={ask}
                />
              </div>
              <div className={styles.pair}>
                {template.slots.map((slot) => (
                  <SlotField
                    key={slot.name}
                    slot={slot}
                    value={connectors[slot.name] ?? null}
                    onChange={(id) => setConnectors((known) => ({ ...known, [slot.name]: id }))}
                  />
                ))}
              </div>
              {template.slots.some((slot) => (connectors[slot.name] ?? null) === null) && (
                <Text size="sm" c="dimmed">
                  {text.templates.draft}
                </Text>
              )}
              {parameters.length > 0 && (
                <dl className={styles.parameters}>
                  <dt>{text.templates.parameters}</dt>
                  {parameters.map(([parameter, { default: value }]) => (
                    <dd key={parameter}>
                      <code>{parameter}</code> {String(value)}
                    </dd>
                  ))}
                </dl>
              )}
              <Refusal error={copy.error} />
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={onClose}>
                  {text.cancel}
                </Button>
                <Button
                  type="submit"
                  data-autofocus
                  loading={copy.isPending}
                  disabled={place === null || name.trim() === ""}
                >
                  {text.templates.create}
                </Button>
              </Group>
            </>
          )}
        </Stack>
      </form>
    </Modal>
  );
}
