import { Button, Group, Modal, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { api, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import { copyTemplate, type Slot, type Template } from "~/api/templates";
import { type FoundItem, found, place } from "~/api/tree";
import { useBoot } from "~/app/person";
import { useTreeChanged } from "~/pages/explorer/dialogs";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
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

interface Into {
  id: string;
  type: FoundItem["type"];
  name: string;
}

const isPlace = ({ type }: Into) => type === "job" || type === "folder";

/** Where a copy may go: what was asked for, else the job that was worked in last, else any. */
function useInto(given: string | null, asked: Into | null): { into: Into | null; pending: boolean } {
  const lately = useQuery({ ...queries.findWorkflows("", 8), enabled: given === null });
  const beside = given ?? lately.data?.results[0]?.job_id ?? null;
  const proposed = useQuery({ ...place(beside ?? ""), enabled: beside !== null });
  const any = useInfiniteQuery(found({ search: "", types: ["job", "folder"], permission: "write" }));
  const places = any.data?.pages[0]?.results ?? [];
  const known = [asked, proposed.data ?? null, places.find(({ type }) => type === "job"), places[0]];
  return {
    into: known.find((each): each is Into => each != null && isPlace(each)) ?? null,
    pending: any.isPending || lately.isLoading || proposed.isLoading,
  };
}

/** What to do where a workflow could be put nowhere yet. */
function NoPlace({ onMade }: { onMade: (into: Into) => void }) {
  const { user } = useBoot();
  const changed = useTreeChanged();
  const workspaces = useInfiniteQuery(found({ search: "", types: ["workspace"], permission: "write" }));
  const workspace = workspaces.data?.pages[0]?.results[0];
  const make = useMutation({
    mutationFn: async ({ id }: { id: string }) => {
      const made = await api.post<Into>(`workspaces/${id}/folders`, { name: text.templates.folderName });
      await changed();
      return made;
    },
    onSuccess: ({ id, name }) => onMade({ id, name, type: "folder" }),
  });
  if (workspaces.isPending) return <Skeleton height={96} />;
  const mayMake = user.capabilities.includes("workspaces.create");
  return (
    <>
      <Notice
        icon={FolderPlus}
        title={text.templates.noPlace}
        action={
          workspace ? (
            <Button size="xs" loading={make.isPending} onClick={() => make.mutate(workspace)}>
              {text.templates.makeFolder(workspace.name)}
            </Button>
          ) : mayMake ? (
            <Button component={Link} href="/workspaces?new" size="xs">
              {text.explorer.add.workspace}
            </Button>
          ) : undefined
        }
      >
        {workspace
          ? text.templates.noFolderHint
          : mayMake
            ? text.templates.noWorkspaceHint
            : text.templates.askHint}
      </Notice>
      <Refusal error={make.error} />
    </>
  );
}

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
  const [name, setName] = useState(template.name);
  const [asked, ask] = useState<Into | null>(null);
  const { into, pending } = useInto(job ?? folder, asked);
  const [connectors, setConnectors] = useState(() =>
    Object.fromEntries(template.slots.map(({ name: slot, proposed }) => [slot, proposed])),
  );
  // One key for one wish: a second click, or a try after a lost answer, makes no second workflow.
  const key = useRef(crypto.randomUUID());
  const copy = useMutation({
    mutationFn: () =>
      copyTemplate(
        template.id,
        {
          ...(into?.type === "folder" ? { folder_id: into.id } : { job_id: into?.id ?? "" }),
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
  const parameters = Object.entries(template.parameters);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (into !== null && name.trim() !== "") copy.mutate();
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
          {!pending && into === null ? (
            <NoPlace onMade={ask} />
          ) : (
            <>
              <div className={styles.pair}>
                <TextInput
                  label={text.name}
                  value={name}
                  maxLength={200}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
                <PlaceSelect
                  label={text.templates.into}
                  description={into?.type === "folder" ? text.templates.newJob : undefined}
                  inputWrapperOrder={["label", "input", "description", "error"]}
                  types={["job", "folder"]}
                  permission="write"
                  value={into?.id ?? null}
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
                  disabled={into === null || name.trim() === ""}
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
