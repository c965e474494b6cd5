import { ActionIcon, Alert, Button, CopyButton, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Copy, KeyRound, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import { type ApiKey, apiKeys, type NewApiKey } from "~/api/settings";
import { Confirm } from "~/parts/Confirm";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Settings.module.css";

const said = text.settings;
const DAYS = [7, 30, 90, 365] as const;
const DAY_MS = 86_400_000;

/** The widest scope says it all. */
function scopesOf({ scopes }: ApiKey): string {
  const named = scopes.includes("admin") ? ["admin"] : scopes;
  return named.map((scope) => said.scopes[scope] ?? scope).join(", ");
}

function Made({ made, onDone }: { made: NewApiKey; onDone: () => void }) {
  return (
    <Stack gap="md">
      <Alert title={said.made} color="iris" variant="light">
        {said.madeHint}
      </Alert>
      <code className={styles.key}>{made.key}</code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={made.key}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <Check size={15} /> : <Copy size={15} />}
              onClick={copy}
            >
              {copied ? text.copied : text.copy}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{said.done}</Button>
      </Group>
    </Stack>
  );
}

function CreateKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState("execute");
  const [days, setDays] = useState("90");
  const create = useMutation({
    mutationFn: () =>
      api.post<NewApiKey>("auth/api-keys", {
        name: name.trim(),
        scopes: [scope],
        expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["api-keys"] }),
  });
  return (
    <Modal opened onClose={onClose} title={said.newKey}>
      {create.data ? (
        <Made made={create.data} onDone={onClose} />
      ) : (
        <form
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="md">
            <TextInput
              label={said.keyName}
              required
              withAsterisk={false}
              data-autofocus
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={said.keyScope}
              allowDeselect={false}
              data={Object.entries(said.scopes).map(([value, label]) => ({ value, label }))}
              value={scope}
              onChange={(value) => setScope(value ?? scope)}
            />
            <Select
              label={said.days}
              allowDeselect={false}
              data={DAYS.map((value) => ({ value: String(value), label: said.daysOf(value) }))}
              value={days}
              onChange={(value) => setDays(value ?? days)}
            />
            <Refusal error={create.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {text.cancel}
              </Button>
              <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
                {text.create}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Remove({ ended, onClose }: { ended: ApiKey; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`auth/api-keys/${ended.id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["api-keys"] });
      onClose();
    },
  });
  return (
    <Confirm title={said.removeTitle(ended.name)} action={said.remove} does={remove} danger onClose={onClose}>
      {said.removeHint}
    </Confirm>
  );
}

/** One's own API keys: what each may do, when it was used, and a way to end it. */
export function ApiKeysPage() {
  const keys = useQuery(apiKeys());
  const [adding, setAdding] = useState(false);
  const [removing, remove] = useState<ApiKey | null>(null);
  const add = (
    <Button leftSection={<Plus size={15} />} onClick={() => setAdding(true)}>
      {said.newKey}
    </Button>
  );
  return (
    <Page title={said.keys} hint={said.keysHint} actions={add}>
      {keys.isError ? (
        <ErrorNotice error={keys.error} retry={() => void keys.refetch()} />
      ) : keys.isPending ? (
        <LoadingRows label={said.keys} rows={2} />
      ) : keys.data.results.length === 0 ? (
        <Notice icon={KeyRound} title={said.noKeys}>
          {said.noKeysHint}
        </Notice>
      ) : (
        <Card>
          <table className={page.table}>
            <thead>
              <tr>
                <th>{said.keyName}</th>
                <th>{said.keyScope}</th>
                <th className={styles.wide}>{said.keyCreated}</th>
                <th>{said.keyUsed}</th>
                <th>{said.keyExpires}</th>
                <th style={{ width: 64 }} aria-label={said.remove} />
              </tr>
            </thead>
            <tbody>
              {keys.data.results.map((key) => (
                <tr key={key.id}>
                  <td>{key.name}</td>
                  <td className={page.soft}>{scopesOf(key)}</td>
                  <td className={`${page.soft} ${styles.wide}`}>
                    <Time at={key.created_at} />
                  </td>
                  <td className={page.soft}>
                    {key.last_used_at ? <Time at={key.last_used_at} /> : said.never}
                  </td>
                  <td className={page.soft}>{key.expires_at ? <Time at={key.expires_at} /> : said.never}</td>
                  <td>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={said.removeKey(key.name)}
                      onClick={() => remove(key)}
                    >
                      <Trash2 size={16} />
                    </ActionIcon>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      )}
      {adding && <CreateKey onClose={() => setAdding(false)} />}
      {removing && <Remove ended={removing} onClose={() => remove(null)} />}
    </Page>
  );
}
