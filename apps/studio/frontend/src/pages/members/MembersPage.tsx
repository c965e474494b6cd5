import { ActionIcon, Badge, Button, Menu, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Ellipsis, Mail, Trash2, UserPlus, UserRound, UserRoundCheck, UserRoundX, Users } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { type Member, members } from "~/api/people";
import { useBoot } from "~/app/person";
import { SubjectFace } from "~/pages/sharing/SubjectFace";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { SearchInput } from "~/parts/SearchInput";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { DisableDialog, RemoveDialog, useEnable, useInviteAgain } from "./actions";
import { InviteDialog } from "./InviteDialog";
import styles from "./Members.module.css";
import { State } from "./State";

const said = text.people.members;
const SIZE = 25;
type Dialog = { does: "disable" | "remove"; member: Member };

function Actions({
  member,
  ask,
  tell,
}: {
  member: Member;
  ask: (dialog: Dialog) => void;
  tell: (what: string) => void;
}) {
  const { user } = useBoot();
  const enable = useEnable(member);
  const again = useInviteAgain(member);
  const name = member.name || member.email;
  const error = enable.error ?? again.error;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={said.actions(name)}
            loading={enable.isPending || again.isPending}
          >
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            href={`/settings/members/${member.id}`}
            leftSection={<UserRound size={15} />}
          >
            {said.open}
          </Menu.Item>
          {member.state === "invited" && (
            <Menu.Item
              leftSection={<Mail size={15} />}
              onClick={() => again.mutate(undefined, { onSuccess: () => tell(said.sent(member.email)) })}
            >
              {said.again}
            </Menu.Item>
          )}
          {member.state === "disabled" ? (
            <Menu.Item leftSection={<UserRoundCheck size={15} />} onClick={() => enable.mutate()}>
              {said.enable}
            </Menu.Item>
          ) : (
            member.id !== user.id && (
              <Menu.Item
                leftSection={<UserRoundX size={15} />}
                onClick={() => ask({ does: "disable", member })}
              >
                {said.disable}
              </Menu.Item>
            )
          )}
          {member.id !== user.id && (
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={15} />}
              onClick={() => ask({ does: "remove", member })}
            >
              {said.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Refusal error={error} />
    </>
  );
}

function Row({
  member,
  ask,
  tell,
}: {
  member: Member;
  ask: (dialog: Dialog) => void;
  tell: (what: string) => void;
}) {
  const { user } = useBoot();
  const name = member.name || member.email;
  const groups = member.groups.map((group) => group.name).join(", ");
  return (
    <tr className={member.state === "disabled" ? styles.off : undefined}>
      <td>
        <span className={styles.person}>
          <SubjectFace kind="user" name={name} />
          <span className={styles.names}>
            <span className={styles.named}>
              <Link href={`/settings/members/${member.id}`} className={page.link} title={name}>
                {name}
              </Link>
              {member.id === user.id && (
                <Badge className={styles.badge ?? ""} variant="default" size="sm" tt="none" fw={500}>
                  {said.you}
                </Badge>
              )}
            </span>
            <span className={styles.mail} title={member.email}>
              {member.name ? member.email : " "}
            </span>
          </span>
        </span>
      </td>
      <td className={page.soft}>
        <span className="capital">{member.is_owner ? said.owner : (member.role ?? said.noRole)}</span>
      </td>
      <td className={`${page.soft} ${styles.wide}`} title={groups}>
        {groups || text.nothing}
      </td>
      <td className={page.soft}>{member.last_seen_at ? <Time at={member.last_seen_at} /> : said.never}</td>
      <td>
        <State state={member.state} />
      </td>
      <td className={page.number}>
        <Actions member={member} ask={ask} tell={tell} />
      </td>
    </tr>
  );
}

/** Everybody who may sign in, and what can be done about that. */
export function MembersPage() {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const [active, setActive] = useState<string | null>(null);
  const [at, setAt] = useState(1);
  const [inviting, invite] = useState(false);
  const [dialog, ask] = useState<Dialog | null>(null);
  const [told, tell] = useState("");
  const found = useQuery({
    ...members({ search, ...(active ? { is_active: active } : {}), page: at, size: SIZE }),
    placeholderData: keepPreviousData,
  });
  const narrowed = search !== "" || active !== null;
  return (
    <Page
      title={said.title}
      hint={said.hint}
      actions={
        <>
          <SearchInput
            w={160}
            label={said.search}
            value={typed}
            onChange={(value) => {
              setTyped(value);
              setAt(1);
            }}
          />
          <Select
            w={112}
            clearable
            aria-label={said.state}
            placeholder={said.anyState}
            data={[
              { value: "true", label: said.states.active },
              { value: "false", label: said.states.disabled },
            ]}
            value={active}
            onChange={(value) => {
              setActive(value);
              setAt(1);
            }}
          />
          <Button leftSection={<UserPlus size={15} />} onClick={() => invite(true)}>
            {said.invite}
          </Button>
        </>
      }
    >
      <p className={styles.told} role="status">
        {told}
      </p>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title} rows={5} />
      ) : found.data.results.length === 0 ? (
        <Notice
          icon={Users}
          title={narrowed ? said.noMatch : said.none}
          action={
            narrowed && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setTyped("");
                  setActive(null);
                }}
              >
                {said.clear}
              </Button>
            )
          }
        >
          {!narrowed && said.noneHint}
        </Notice>
      ) : (
        <>
          <Card>
            <table className={page.table}>
              <thead>
                <tr>
                  <th>{said.name}</th>
                  <th className={styles.role}>{said.role}</th>
                  <th className={`${styles.groups} ${styles.wide}`}>{said.groups}</th>
                  <th className={styles.seen}>{said.seen}</th>
                  <th className={styles.state}>{said.state}</th>
                  <th className={styles.menu} aria-label={said.actions("")} />
                </tr>
              </thead>
              <tbody>
                {found.data.results.map((member) => (
                  <Row key={member.id} member={member} ask={ask} tell={tell} />
                ))}
              </tbody>
            </table>
          </Card>
          <Pager
            total={said.total(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={setAt}
          />
        </>
      )}
      {inviting && <InviteDialog onClose={() => invite(false)} />}
      {dialog?.does === "disable" && <DisableDialog member={dialog.member} onClose={() => ask(null)} />}
      {dialog?.does === "remove" && (
        <RemoveDialog member={dialog.member} onClose={() => ask(null)} onRemoved={() => ask(null)} />
      )}
    </Page>
  );
}
