import { Checkbox, Group, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import { capabilities, peopleChanged, type Role } from "~/api/people";
import { FormDialog } from "~/parts/FormDialog";
import { text } from "~/text";
import styles from "./Members.module.css";

const said = text.people.roles;

/** Name, description and permissions of a role. */
export function RoleForm({ role, onClose }: { role: Role | null; onClose: () => void }) {
  const client = useQueryClient();
  const known = useQuery(capabilities());
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<string[]>(role?.capabilities ?? []);
  const [levels, setLevels] = useState<string[]>(role?.levels ?? ["read"]);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), description: description.trim(), capabilities: chosen, levels };
      return role === null ? api.post<Role>("roles", body) : api.patch<Role>(`roles/${role.id}`, body);
    },
    onSuccess: async () => {
      await peopleChanged(client);
      onClose();
    },
  });
  return (
    <FormDialog
      title={role === null ? said.newTitle : said.editTitle(role.name)}
      size="lg"
      submit={role === null ? text.create : text.save}
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
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={said.description}
        autosize
        minRows={1}
        maxRows={4}
        maxLength={10_000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Checkbox.Group label={said.capabilities} value={chosen} onChange={setChosen}>
        <div className={styles.checks}>
          {(known.data?.results ?? []).map((each) => (
            <Checkbox key={each.name} size="xs" value={each.name} label={each.label} />
          ))}
        </div>
      </Checkbox.Group>
      <Checkbox.Group label={said.levels} value={levels} onChange={setLevels}>
        <Group gap="lg" mt={6}>
          {Object.entries(text.people.levels).map(([value, label]) => (
            <Checkbox key={value} size="xs" value={value} label={label} />
          ))}
        </Group>
      </Checkbox.Group>
    </FormDialog>
  );
}
