import {
  Button,
  Code,
  CopyButton,
  Group,
  Menu,
  Modal,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Copy, KeyRound, SquareTerminal, Webhook } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client";
import { type Hook, hookEvents, hookRefusals, hooks, type NewHook } from "~/api/starters";
import { exactTime } from "~/format/time";
import { recipe } from "~/graph/signing";
import { FormDialog } from "~/parts/FormDialog";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { LoadingRows, Pager } from "~/parts/Page";
import { text } from "~/text";
import styles from "./Schedules.module.css";
import { Started } from "./Started";
import { StarterList } from "./StarterList";
import { type TargetChoice, TargetFields } from "./TargetFields";

const said = text.starters;
const SIZE = 25;
const addressOf = ({ path }: Pick<Hook, "path">) => `${window.location.origin}${path}`;
const titleOf = (hook: Hook) => hook.name || said.unnamed(hook.id);

function sampleOf({ accepts }: Hook): string {
  return JSON.stringify(
    Object.fromEntries((accepts.length > 0 ? accepts : ["hello"]).map((name) => [name, "world"])),
  );
}

/** How to deliver; with the secret only right after it was made. */
function Recipe({ hook, secret, onClose }: { hook: Hook; secret: string | null; onClose: () => void }) {
  const script = recipe(addressOf(hook), secret ?? said.secretGap, sampleOf(hook));
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={secret === null ? said.recipeTitle(titleOf(hook)) : said.made}
      closeOnClickOutside={secret === null}
    >
      <Stack gap="md">
        {secret !== null && (
          <>
            <Text size="sm">{said.madeHint}</Text>
            <Group gap="xs" wrap="nowrap">
              <Code block className={styles.secret ?? ""} aria-label={said.secret}>
                {secret}
              </Code>
              <Copied value={secret} label={said.copySecret} />
            </Group>
          </>
        )}
        <Text size="sm" c="dimmed">
          {said.recipeHint}
        </Text>
        <Code block aria-label={said.recipe} className={styles.recipe ?? ""}>
          {script}
        </Code>
        <Group justify="flex-end" gap="xs">
          <Copied value={script} label={said.copyRecipe} />
          <Button onClick={onClose}>{text.settings.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Copied({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          leftSection={copied ? <Check size={15} /> : <Copy size={15} />}
          onClick={copy}
        >
          {copied ? text.copied : label}
        </Button>
      )}
    </CopyButton>
  );
}

function Create({ onClose, onMade }: { onClose: () => void; onMade: (made: NewHook) => void }) {
  const client = useQueryClient();
  const [target, setTarget] = useState<TargetChoice>({ kind: "jobs", id: null });
  const [name, setName] = useState("");
  const [accepts, setAccepts] = useState<string[]>([]);
  const save = useMutation({
    mutationFn: () => api.post<NewHook>(`${target.kind}/${target.id}/hooks`, { name: name.trim(), accepts }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["hooks"] });
      onMade(made);
    },
  });
  return (
    <FormDialog
      title={said.addHook}
      size="lg"
      submit={text.create}
      sending={save}
      complete={target.id !== null}
      onSubmit={save.mutate}
      onClose={onClose}
    >
      <TextInput
        label={text.schedules.name}
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TargetFields chosen={target} choose={setTarget} />
      <TagsInput
        label={said.accepts}
        description={said.acceptsHint}
        inputWrapperOrder={["label", "input", "description"]}
        value={accepts}
        onChange={setAccepts}
      />
    </FormDialog>
  );
}

function Rotate({
  hook,
  onClose,
  onMade,
}: {
  hook: Hook;
  onClose: () => void;
  onMade: (made: NewHook) => void;
}) {
  const rotate = useMutation({
    mutationFn: () => api.act<NewHook>(`hooks/${hook.id}/rotate-secret`, {}, crypto.randomUUID()),
    onSuccess: onMade,
  });
  return (
    <Modal opened onClose={onClose} title={said.rotateTitle(titleOf(hook))}>
      <Stack gap="md">
        <Text size="sm">{said.rotateHint}</Text>
        <Refusal error={rotate.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            {said.rotate}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Deliveries({ hook, onClose }: { hook: Hook; onClose: () => void }) {
  const found = useQuery(hookEvents(hook.id));
  return (
    <Started
      title={said.deliveriesOf(titleOf(hook))}
      hint={said.deliveriesHint}
      none={said.noDeliveries}
      rows={found.data?.results}
      error={found.error}
      onClose={onClose}
      detail={({ event_id, deliveries }) => (
        <>
          <Code>{event_id}</Code>
          {deliveries > 1 && <span className={styles.soft}>{said.came(deliveries)}</span>}
        </>
      )}
    >
      <Refused hook={hook} />
    </Started>
  );
}

/** What was refused, so that who set up the sender finds the mistake. */
function Refused({ hook }: { hook: Hook }) {
  const { data } = useQuery(hookRefusals(hook.id));
  const rows = data?.results ?? [];
  if (rows.length === 0) return null;
  return (
    <>
      <Text fw={600} mt="lg">
        {said.refused}
      </Text>
      <Text size="sm" c="dimmed" mb="xs">
        {said.refusedHint}
      </Text>
      <ul className={styles.list} aria-label={said.refused}>
        {rows.map(({ id, code, count, event_id, last_at }) => (
          <li key={id}>
            <span className="numbers">{exactTime(last_at)}</span>
            <span>{said.whyRefused[code] ?? code}</span>
            <span className={styles.soft}>{said.refusals(count)}</span>
            {event_id ? <Code>{event_id}</Code> : <span className={styles.soft}>{said.noId}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

type Dialog =
  | { does: "recipe"; hook: Hook; secret: string | null }
  | { does: "deliveries" | "rotate"; hook: Hook };

/** Addresses that start runs when somebody who knows the secret says so. */
export function HooksTab({ adding, onAdded }: { adding: boolean; onAdded: () => void }) {
  const [at, setAt] = useState(1);
  const [dialog, ask] = useState<Dialog | null>(null);
  const found = useQuery({ ...hooks(at, SIZE), placeholderData: keepPreviousData });
  const rows = found.data?.results ?? [];
  const close = () => ask(null);
  const made = ({ secret, ...hook }: NewHook) => {
    onAdded();
    ask({ does: "recipe", hook, secret });
  };
  return (
    <>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.hooks} rows={3} />
      ) : rows.length === 0 ? (
        <Notice icon={Webhook} title={said.noHooks}>
          {said.noHooksHint}
        </Notice>
      ) : (
        <>
          <StarterList
            kind="hooks"
            starters={rows}
            wordsOf={addressOf}
            titleOf={titleOf}
            history={said.deliveries}
            onHistory={(hook) => ask({ does: "deliveries", hook })}
            more={(hook) => (
              <>
                <Menu.Item
                  leftSection={<SquareTerminal size={15} />}
                  onClick={() => ask({ does: "recipe", hook, secret: null })}
                >
                  {said.recipe}
                </Menu.Item>
                <Menu.Item leftSection={<KeyRound size={15} />} onClick={() => ask({ does: "rotate", hook })}>
                  {said.rotate}
                </Menu.Item>
              </>
            )}
          />
          <Pager
            total={said.totalHooks(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={setAt}
          />
        </>
      )}
      {adding && <Create onClose={onAdded} onMade={made} />}
      {dialog?.does === "recipe" && <Recipe hook={dialog.hook} secret={dialog.secret} onClose={close} />}
      {dialog?.does === "rotate" && <Rotate hook={dialog.hook} onClose={close} onMade={made} />}
      {dialog?.does === "deliveries" && <Deliveries hook={dialog.hook} onClose={close} />}
    </>
  );
}
