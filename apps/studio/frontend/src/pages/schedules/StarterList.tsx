import { ActionIcon, Button, Group, Menu, Modal, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, History, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api } from "~/api/client";
import { type StarterKind, useEnable } from "~/api/starters";
import { Refusal } from "~/parts/Notice";
import { Card } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { text } from "~/text";
import styles from "./Schedules.module.css";
import { type Target, TargetLink } from "./TargetLink";

const said = text.starters;

export interface Starter extends Target {
  id: string;
  name: string;
  enabled: boolean;
}

interface RowProps<T extends Starter> {
  kind: StarterKind;
  starter: T;
  words: ReactNode;
  title: string;
  history: string;
  more: ReactNode;
  onHistory: () => void;
  onRemove: () => void;
}

function Row<T extends Starter>({
  kind,
  starter,
  words,
  title,
  history,
  more,
  onHistory,
  onRemove,
}: RowProps<T>) {
  const enable = useEnable(kind, starter.id);
  const on = enable.isPending ? enable.variables : starter.enabled;
  return (
    <tr className={on ? undefined : styles.off}>
      <td>
        <Switch
          size="sm"
          aria-label={text.schedules.on(title)}
          checked={on}
          onChange={(event) => enable.mutate(event.currentTarget.checked)}
        />
      </td>
      <td>
        <span className={styles.name}>{starter.name || words}</span>
        {starter.name && <div className={styles.under}>{words}</div>}
        <Refusal error={enable.error} />
      </td>
      <td>
        <TargetLink of={starter} />
      </td>
      <td className={page.number}>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={text.schedules.actions(title)}>
              <Ellipsis size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<History size={15} />} onClick={onHistory}>
              {history}
            </Menu.Item>
            {more}
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={onRemove}>
              {text.schedules.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

interface RemoveProps {
  kind: StarterKind;
  id: string;
  title: string;
  onClose: () => void;
}

function Remove({ kind, id, title, onClose }: RemoveProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`${kind}/${id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [kind] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={text.schedules.removeTitle(title)}>
      <Stack gap="md">
        <Text size="sm">{text.schedules.removeHint}</Text>
        <Refusal error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {text.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {text.schedules.remove}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface StarterListProps<T extends Starter> {
  kind: StarterKind;
  starters: readonly T[];
  /** What it waits for, in words. */
  wordsOf: (starter: T) => ReactNode;
  titleOf: (starter: T) => string;
  /** What the list of what it started is called. */
  history: string;
  onHistory: (starter: T) => void;
  more?: (starter: T) => ReactNode;
}

/** Triggers or webhooks, with the switch that pauses them and what can be done to each. */
export function StarterList<T extends Starter>(props: StarterListProps<T>) {
  const { kind, starters, wordsOf, titleOf, history, onHistory, more } = props;
  const [removing, setRemoving] = useState<T | null>(null);
  return (
    <>
      <Card>
        <table className={page.table}>
          <thead>
            <tr>
              <th className={styles.toggle} aria-label={text.schedules.on("")} />
              <th className={styles.words}>{said.when}</th>
              <th>{said.starts}</th>
              <th className={styles.menu} aria-label={text.schedules.actions("")} />
            </tr>
          </thead>
          <tbody>
            {starters.map((starter) => (
              <Row
                key={starter.id}
                kind={kind}
                starter={starter}
                words={wordsOf(starter)}
                title={titleOf(starter)}
                history={history}
                more={more?.(starter)}
                onHistory={() => onHistory(starter)}
                onRemove={() => setRemoving(starter)}
              />
            ))}
          </tbody>
        </table>
      </Card>
      {removing && (
        <Remove kind={kind} id={removing.id} title={titleOf(removing)} onClose={() => setRemoving(null)} />
      )}
    </>
  );
}
