import { ActionIcon, Button, Indicator, Popover, Skeleton, Tooltip } from "@mantine/core";
import { Bell as BellIcon, CircleX, UserCheck } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { type Notification, useMarkSeen, useNotifications } from "~/api/notifications";
import { Refusal } from "~/parts/Notice";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Bell.module.css";

const said = text.notifications;
const MOST = 99;

const hrefOf = ({ execution_id }: Notification) => `/executions/${execution_id}`;

function Item({ notification, onChoose }: { notification: Notification; onChoose: () => void }) {
  const { kind, workflow_name, message, created_at, seen_at } = notification;
  const failed = kind === "execution_failed";
  const Icon = failed ? CircleX : UserCheck;
  return (
    <li>
      <Link
        href={hrefOf(notification)}
        className={styles.item}
        data-kind={kind}
        data-new={seen_at === null}
        onClick={onChoose}
      >
        <Icon size={16} aria-hidden />
        <span className={styles.words}>
          <strong>{failed ? said.failed(workflow_name) : said.asked(workflow_name)}</strong>
          {message && <span>{message}</span>}
          <Time at={created_at} />
        </span>
        {seen_at === null && <span className={styles.dot} role="img" aria-label={said.isNew} />}
      </Link>
    </li>
  );
}

/** What the person was told: how many are new, and on a click which. */
export function Bell({ user }: { user: string }) {
  const [open, setOpen] = useState(false);
  const { count, list } = useNotifications(user, open);
  const seen = useMarkSeen();
  const label = count > 0 ? said.unseen(count) : said.title;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={380} shadow="md" trapFocus>
      <Popover.Target>
        <Tooltip label={label} disabled={open}>
          <Indicator
            disabled={count === 0}
            label={count > MOST ? `${MOST}+` : count}
            size={16}
            offset={8}
            styles={{ indicator: { fontSize: 10, fontWeight: 600, lineHeight: 1 } }}
            color="red.8"
          >
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={label}
              aria-expanded={open}
              onClick={() => setOpen((known) => !known)}
            >
              <BellIcon size={18} strokeWidth={1.75} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={said.title}>
        <header className={styles.head}>
          <h2>{said.title}</h2>
          {count > 0 && (
            <Button
              size="compact-xs"
              variant="subtle"
              loading={seen.isPending}
              onClick={() => seen.mutate(null)}
            >
              {said.markAll}
            </Button>
          )}
        </header>
        <Refusal error={list.error ?? seen.error} />
        {list.isPending ? (
          <div className={styles.none}>
            <Skeleton height={14} width="70%" />
          </div>
        ) : list.data && list.data.results.length > 0 ? (
          <ul className={styles.list}>
            {list.data.results.map((each) => (
              <Item
                key={each.id}
                notification={each}
                onChoose={() => {
                  setOpen(false);
                  if (each.seen_at === null) seen.mutate([each.id]);
                }}
              />
            ))}
          </ul>
        ) : (
          <p className={styles.none}>{said.none}</p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
