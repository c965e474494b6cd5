import { Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import { type Group, peopleChanged } from "~/api/people";
import { FormDialog } from "~/parts/FormDialog";
import { text } from "~/text";
import { RoleSelect } from "./RoleSelect";

const said = text.people.groups;

interface GroupFormProps {
  /** Null makes a new one. */
  group: Group | null;
  onClose: () => void;
  onSaved?: (group: Group) => void;
}

/** Name, description and role of a group. */
export function GroupForm({ group, onClose, onSaved }: GroupFormProps) {
  const client = useQueryClient();
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const [role, setRole] = useState(group?.role_id ?? null);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), description: description.trim(), role_id: role };
      return group === null ? api.post<Group>("groups", body) : api.patch<Group>(`groups/${group.id}`, body);
    },
    onSuccess: async (saved) => {
      await peopleChanged(client);
      onClose();
      onSaved?.(saved);
    },
  });
  return (
    <FormDialog
      title={group === null ? said.add : said.edit}
      submit={group === null ? text.create : text.save}
      sending={save}
      complete={name.trim() !== ""}
      onSubmit={save.mutate}
      onClose={onClose}
    >
      <TextInput
        label={said.name}
        required
        withAsterisk={false}
        data-autofocus
        maxLength={150}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={said.description}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={10_000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <RoleSelect label={said.role} description={said.roleHint} value={role} onChange={setRole} />
    </FormDialog>
  );
}
