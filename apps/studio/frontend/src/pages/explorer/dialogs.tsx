import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link } from "wouter";
import { api } from "~/api/client";
import type { Resource } from "~/api/types";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { type Item, type Kind, resourceOf } from "./kinds";

/** Everything the tree and the lists show may have changed. */
export function useTreeChanged() {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [
        ...["tree", "workspaces", "folders", "jobs", "workflows"],
        ...["workspace", "folder", "job", "job_package"],
      ].map((key) => client.invalidateQueries({ queryKey: [key] })),
    );
}

interface NameDialogProps {
  title: string;
  initial: string;
  submit: string;
  /** Another way to the same end. */
  aside?: ReactNode;
  onSubmit: (name: string) => Promise<unknown>;
  onClose: () => void;
}

function NameDialog({ title, initial, submit, aside, onSubmit, onClose }: NameDialogProps) {
  const [name, setName] = useState(initial);
  const save = useMutation({ mutationFn: onSubmit, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate(name.trim());
        }}
      >
        <Stack gap="md">
          <TextInput
            label={text.name}
            value={name}
            maxLength={200}
            data-autofocus
            required
            withAsterisk={false}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Refusal error={save.error} />
          <Group justify="flex-end" gap="xs">
            {aside}
            <Button variant="default" onClick={onClose}>
              {text.cancel}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface Place {
  kind: Kind | null;
  id: string | null;
  /** The workspace that a folder lies in. */
  workspace: string | null;
}

function creation(kind: Kind, place: Place): [path: string, extra: object] {
  switch (kind) {
    case "workspace":
      return ["workspaces", {}];
    case "folder":
      return place.kind === "folder"
        ? [`workspaces/${place.workspace}/folders`, { parent_id: place.id }]
        : [`workspaces/${place.id}/folders`, {}];
    case "job":
      return [`folders/${place.id}/jobs`, {}];
    case "job_package":
      return [`workspaces/${place.id}/job-packages`, {}];
    case "workflow":
      return [`jobs/${place.id}/workflows`, { workflow_diagram: { nodes: [], edges: [] } }];
  }
}

interface CreateDialogProps {
  kind: Kind;
  place: Place;
  onClose: () => void;
  onCreated: (made: Resource) => void;
}

export function CreateDialog({ kind, place, onClose, onCreated }: CreateDialogProps) {
  const changed = useTreeChanged();
  return (
    <NameDialog
      title={text.explorer.add[kind] ?? ""}
      initial=""
      submit={text.create}
      aside={
        kind === "workflow" && (
          <Button component={Link} href={`/templates?job=${place.id}`} variant="subtle" mr="auto">
            {text.templates.from}
          </Button>
        )
      }
      onClose={onClose}
      onSubmit={async (name) => {
        const [path, extra] = creation(kind, place);
        const made = await api.post<Resource>(path, { name, ...extra });
        await changed();
        onCreated(made);
      }}
    />
  );
}

export function RenameDialog({ item, onClose }: { item: Item; onClose: () => void }) {
  const changed = useTreeChanged();
  return (
    <NameDialog
      title={text.explorer.rename}
      initial={item.name}
      submit={text.save}
      onClose={onClose}
      onSubmit={async (name) => {
        await api.patch(resourceOf(item.kind, item.id), { name });
        await changed();
      }}
    />
  );
}

export function DeleteDialog({
  item,
  onClose,
  onDeleted,
}: {
  item: Item;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const changed = useTreeChanged();
  const remove = useMutation({
    mutationFn: async () => {
      await api.delete(resourceOf(item.kind, item.id));
      await changed();
    },
    onSuccess: () => {
      onDeleted();
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={text.explorer.removeTitle(item.name)}>
      <Stack gap="md">
        <Text size="sm">{text.explorer.removeHint}</Text>
        <Refusal error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {text.explorer.remove}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
