import { ActionIcon, Button, Select, Skeleton, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Mail, Trash2, UserRoundCheck, UserRoundX, X } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "~/api/client";
import {
  capabilities,
  groups,
  type Member,
  memberAccess,
  member as memberQuery,
  type ObjectType,
  peopleChanged,
  roles,
} from "~/api/people";
import { lastCrumb, useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { ReasonList } from "~/pages/sharing/ReasonList";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { SearchInput } from "~/parts/SearchInput";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { DisableDialog, RemoveDialog, useChangeMember, useEnable, useInviteAgain } from "./actions";
import styles from "./Members.module.css";
import { RoleSelect } from "./RoleSelect";
import { State } from "./State";

const said = text.people.member;
const KINDS: ObjectType[] = ["workspace", "folder", "job", "job_package", "workflow", "connector"];
const SIZE = 25;

const hrefOf = (type: string, id: string) =>
  type === "connector" ? null : `/${type.replace("_", "-")}s/${id}`;

function Groups({ member }: { member: Member }) {
  const client = useQueryClient();
  const { user } = useBoot();
  const mayManage = user.capabilities.includes("groups.manage");
  const all = useQuery({ ...groups(), enabled: mayManage });
  const add = useMutation({
    mutationFn: (group: string) => api.post(`groups/${group}/members`, { user_id: member.id }),
    onSettled: () => peopleChanged(client),
  });
  const remove = useMutation({
    mutationFn: (group: string) => api.delete(`groups/${group}/members/${member.id}`),
    onSettled: () => peopleChanged(client),
  });
  const others = (all.data?.results ?? []).filter(
    ({ id }) => !member.groups.some((group) => group.id === id),
  );
  return (
    <div>
      <span className={styles.label}>{said.groups}</span>
      <div className={styles.chips}>
        {member.groups.map(({ id, name }) => (
          <span key={id} className={styles.chip}>
            {name}
            {mayManage && (
              <ActionIcon
                size="xs"
                radius="xl"
                variant="subtle"
                color="gray"
                aria-label={said.removeFrom(name)}
                onClick={() => remove.mutate(id)}
              >
                <X size={12} />
              </ActionIcon>
            )}
          </span>
        ))}
        {mayManage && others.length > 0 && (
          <Select
            size="xs"
            w={148}
            searchable
            aria-label={said.addGroup}
            placeholder={said.addGroup}
            data={others.map(({ id, name }) => ({ value: id, label: name }))}
            value={null}
            onChange={(id) => id !== null && add.mutate(id)}
          />
        )}
        {member.groups.length === 0 && others.length === 0 && said.noGroups}
      </div>
      <Refusal error={add.error ?? remove.error} />
    </div>
  );
}

function Account({ member }: { member: Member }) {
  const { user } = useBoot();
  const change = useChangeMember(member);
  return (
    <Card title={said.account}>
      <div className={styles.body}>
        <div className={styles.fields}>
          <RoleSelect
            label={said.role}
            value={
              change.isPending && change.variables.role_id !== undefined
                ? change.variables.role_id
                : member.role_id
            }
            disabled={change.isPending}
            onChange={(role_id) => change.mutate({ role_id })}
          />
          <Groups member={member} />
          {user.is_owner && (
            <Switch
              label={said.ownerSwitch}
              description={said.ownerHint}
              checked={member.is_owner}
              disabled={change.isPending}
              onChange={(event) => change.mutate({ is_owner: event.currentTarget.checked })}
            />
          )}
          <div>
            <span className={styles.label}>{said.since}</span>
            <Time at={member.created_at} />
          </div>
        </div>
        <Refusal error={change.error} />
      </div>
    </Card>
  );
}

function Abilities({ member }: { member: Member }) {
  const { user } = useBoot();
  const found = useQuery(roles());
  const known = useQuery({
    ...capabilities(),
    enabled: ["roles.manage", "users.manage", "groups.manage"].some((name) =>
      user.capabilities.includes(name),
    ),
  });
  const all = useQuery({ ...groups(), enabled: user.capabilities.includes("groups.manage") });
  const theirs = (all.data?.results ?? []).filter(({ id }) => member.groups.some((group) => group.id === id));
  const carried = [member.role_id, ...theirs.map(({ role_id }) => role_id)];
  const held = (found.data?.results ?? [])
    .filter(({ id }) => carried.includes(id))
    .flatMap((role) => role.capabilities);
  const labels = (known.data?.results ?? [])
    .filter(({ name }) => member.is_owner || held.includes(name))
    .map(({ label }) => label);
  if (found.isPending || known.isPending) {
    return (
      <Card title={said.abilities}>
        <div className={styles.body}>
          <Skeleton height={14} width="50%" />
        </div>
      </Card>
    );
  }
  return (
    <Card title={said.abilities}>
      {labels.length === 0 ? (
        <p className={page.none}>{said.noAbilities}</p>
      ) : (
        <ul className={styles.abilities}>
          {labels.map((label) => (
            <li key={label}>{label}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function May({ member }: { member: Member }) {
  const [kind, setKind] = useState<ObjectType>("workspace");
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const [at, setAt] = useState(1);
  const found = useQuery({ ...memberAccess(member.id, kind, search, at), placeholderData: keepPreviousData });
  const rows = found.data?.results ?? [];
  return (
    <Card title={said.may} hint={member.is_active ? said.mayHint : said.mayDisabled}>
      <div className={styles.bar}>
        <Select
          size="xs"
          w={140}
          aria-label={said.by}
          allowDeselect={false}
          data={KINDS.map((value) => ({ value, label: text.people.kindsMany[value] ?? value }))}
          value={kind}
          onChange={(value) => {
            setKind((value as ObjectType | null) ?? kind);
            setAt(1);
          }}
        />
        <SearchInput
          w={200}
          size="xs"
          label={said.searchObjects}
          value={typed}
          onChange={(value) => {
            setTyped(value);
            setAt(1);
          }}
        />
      </div>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <div className={styles.body}>
          <Skeleton height={14} my={13} width="80%" />
          <Skeleton height={14} my={13} width="64%" />
        </div>
      ) : rows.length === 0 ? (
        <Notice title={said.nothing((text.people.kindsMany[kind] ?? kind).toLowerCase())}>
          {said.nothingHint}
        </Notice>
      ) : (
        <>
          <table className={page.table}>
            <thead>
              <tr>
                <th>{said.object}</th>
                <th className={styles.may}>{said.level}</th>
                <th>{said.why}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const href = hrefOf(row.object_type, row.object_id);
                return (
                  <tr key={row.object_id}>
                    <td title={row.name}>
                      {href === null ? (
                        row.name
                      ) : (
                        <Link href={href} className={page.link}>
                          {row.name}
                        </Link>
                      )}
                    </td>
                    <td>{text.people.may(row.levels)}</td>
                    <td className={styles.why}>
                      <ReasonList reasons={row.reasons} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {(found.data?.count ?? 0) > SIZE && (
            <div className={styles.bar}>
              <Pager
                total={said.total(found.data?.count ?? 0)}
                page={at}
                pages={Math.ceil((found.data?.count ?? 0) / SIZE)}
                onPage={setAt}
              />
            </div>
          )}
        </>
      )}
    </Card>
  );
}

function Buttons({ member }: { member: Member }) {
  const { user } = useBoot();
  const [, navigate] = useLocation();
  const [asked, ask] = useState<"disable" | "remove" | null>(null);
  const enable = useEnable(member);
  const again = useInviteAgain(member);
  const close = () => ask(null);
  if (member.id === user.id) return null;
  return (
    <>
      {member.state === "invited" && (
        <Button
          variant="default"
          leftSection={<Mail size={15} />}
          loading={again.isPending}
          disabled={again.isSuccess}
          onClick={() => again.mutate()}
        >
          {text.people.members.again}
        </Button>
      )}
      {member.state === "disabled" ? (
        <Button
          variant="default"
          leftSection={<UserRoundCheck size={15} />}
          loading={enable.isPending}
          onClick={() => enable.mutate()}
        >
          {text.people.members.enable}
        </Button>
      ) : (
        <Button variant="default" leftSection={<UserRoundX size={15} />} onClick={() => ask("disable")}>
          {text.people.members.disable}
        </Button>
      )}
      <Button variant="default" leftSection={<Trash2 size={15} />} onClick={() => ask("remove")}>
        {text.people.members.remove}
      </Button>
      <Refusal error={enable.error ?? again.error} />
      {asked === "disable" && <DisableDialog member={member} onClose={close} />}
      {asked === "remove" && (
        <RemoveDialog member={member} onClose={close} onRemoved={() => navigate("/settings/members")} />
      )}
    </>
  );
}

/** One person: their account, and all that they may do with the reason for it. */
export function MemberPage({ id }: { id: string }) {
  const found = useQuery(memberQuery(id));
  const member = found.data;
  const name = member ? member.name || member.email : "";
  useCrumbs([
    { label: text.nav.settings, href: "/settings" },
    { label: text.people.room.members, href: "/settings/members" },
    ...lastCrumb(name, found.isError),
  ]);
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (member === undefined) {
    return (
      <Page title={<Skeleton height={20} width={180} my={4} />}>
        <LoadingRows label={text.people.room.members} rows={4} />
      </Page>
    );
  }
  return (
    <Page
      title={name}
      hint={
        <>
          {member.name && `${member.email} · `}
          <State state={member.state} />
        </>
      }
      actions={<Buttons member={member} />}
    >
      <div className={styles.stack}>
        <Account member={member} />
        <May member={member} />
        <Abilities member={member} />
      </div>
    </Page>
  );
}
