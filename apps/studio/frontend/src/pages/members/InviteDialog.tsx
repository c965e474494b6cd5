import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import { type Member, peopleChanged } from "~/api/people";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { RoleSelect } from "./RoleSelect";

const said = text.people.members;

/** Lets somebody in: they get a mail with a link to choose a password. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<string | null>(null);
  const invite = useMutation({
    mutationFn: () =>
      api.post<Member>("users", { email: email.trim(), name: name.trim(), role_id: role, invite: true }),
    onSuccess: () => peopleChanged(client),
  });
  const another = () => {
    setEmail("");
    setName("");
    invite.reset();
  };
  return (
    <Modal opened onClose={onClose} title={said.inviteTitle}>
      {invite.data ? (
        <Stack gap="md">
          <Alert color="iris" variant="light" role="status">
            {said.sent(invite.data.email)}
          </Alert>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={another}>
              {said.another}
            </Button>
            <Button onClick={onClose}>{said.done}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            invite.mutate();
          }}
        >
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {said.inviteHint}
            </Text>
            <TextInput
              type="email"
              label={said.email}
              required
              withAsterisk={false}
              data-autofocus
              maxLength={254}
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <TextInput
              label={said.fullName}
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <RoleSelect
              label={said.inviteRole}
              description={said.inviteRoleHint}
              value={role}
              onChange={setRole}
            />
            <Refusal error={invite.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {text.cancel}
              </Button>
              <Button type="submit" loading={invite.isPending} disabled={email.trim() === ""}>
                {said.send}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
