import { ActionIcon, Button, Select, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2, X } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "~/api/client";
import { type Group, groupMembers, group as groupQuery, members, peopleChanged } from "~/api/people";
import { lastCrumb, useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { SubjectFace } from "~/pages/sharing/SubjectFace";
import { Confirm } from "~/parts/Confirm";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { GroupForm } from "./GroupForm";
import styles from "./Members.module.css";

const said = text.people.groups;
const SIZE = 25;

function AddMember({ group }: { group: Group }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const found = useQuery({
    ...members({ search, is_active: "true", size: 20 }),
    placeholderData: keepPreviousData,
  });
  const add = useMutation({
    mutationFn: (user_id: string) => api.post(`groups/${group.id}/members`, { user_id }),
    onSuccess: () => setTyped(""),
    onSettled: () => peopleChanged(client),
  });
  const options = (found.data?.results ?? []).filter(
    ({ groups }) => !groups.some(({ id }) => id === group.id),
  );
  return (
    <div className={styles.bar}>
      <Select
        w={260}
        searchable
        aria-label={said.addMember}
        placeholder={said.addMember}
        nothingFoundMessage={said.noMatchPeople}
        data={options.map(({ id, name, email }) => ({
          value: id,
          label: name ? `${name} (${email})` : email,
        }))}
        filter={({ options: all }) => all}
        searchValue={typed}
        onSearchChange={setTyped}
        value={null}
        onChange={(id) => id !== null && add.mutate(id)}
      />
      <Refusal error={add.error} />
    </div>
  );
}

function Members({ group }: { group: Group }) {
  const { user } = useBoot();
  const client = useQueryClient();
  const [at, setAt] = useState(1);
  const found = useQuery({ ...groupMembers(group.id, at), placeholderData: keepPreviousData });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`groups/${group.id}/members/${id}`),
    onSettled: () => peopleChanged(client),
  });
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (found.isPending) return <LoadingRows label={said.members} rows={3} />;
  return (
    <>
      <Card title={said.members}>
        {user.capabilities.includes("users.manage") && <AddMember group={group} />}
        <Refusal error={remove.error} />
        {found.data.results.length === 0 ? (
          <p className={page.none}>{said.noMembers}</p>
        ) : (
          <table className={page.table}>
            <thead>
              <tr>
                <th>{text.people.members.name}</th>
                <th className={styles.seen}>{said.since}</th>
                <th className={styles.menu} aria-label={text.people.members.remove} />
              </tr>
            </thead>
            <tbody>
              {found.data.results.map(({ user_id, name, email, created_at }) => (
                <tr key={user_id}>
                  <td>
                    <span className={styles.person}>
                      <SubjectFace kind="user" name={name || email} />
                      <span className={styles.names}>
                        <Link href={`/settings/members/${user_id}`} className={page.link}>
                          {name || email}
                        </Link>
                        <span>{email}</span>
                      </span>
                    </span>
                  </td>
                  <td className={page.soft}>
                    <Time at={created_at} />
                  </td>
                  <td className={page.number}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={said.removeMember(name || email)}
                      loading={remove.isPending && remove.variables === user_id}
                      onClick={() => remove.mutate(user_id)}
                    >
                      <X size={16} />
                    </ActionIcon>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {found.data.count > SIZE && (
        <Pager
          total={said.membersOf(found.data.count)}
          page={at}
          pages={Math.ceil(found.data.count / SIZE)}
          onPage={setAt}
        />
      )}
    </>
  );
}

function Remove({ group, onClose }: { group: Group; onClose: () => void }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const remove = useMutation({
    mutationFn: () => api.delete(`groups/${group.id}`),
    onSuccess: async () => {
      navigate("/settings/groups");
      await peopleChanged(client);
    },
  });
  return (
    <Confirm title={said.removeTitle(group.name)} action={said.remove} does={remove} danger onClose={onClose}>
      {said.removeHint}
    </Confirm>
  );
}

/** One group: who is in it, and what it carries. */
export function GroupPage({ id }: { id: string }) {
  const found = useQuery(groupQuery(id));
  const [asked, ask] = useState<"edit" | "remove" | null>(null);
  const group = found.data;
  useCrumbs([
    { label: text.nav.settings, href: "/settings" },
    { label: text.people.room.groups, href: "/settings/groups" },
    ...lastCrumb(group?.name, found.isError),
  ]);
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (group === undefined) {
    return (
      <Page title={<Skeleton height={20} width={180} my={4} />}>
        <LoadingRows label={text.people.room.groups} rows={4} />
      </Page>
    );
  }
  return (
    <Page
      title={group.name}
      hint={[group.description, group.role && `${said.role}: ${group.role}`].filter(Boolean).join(" · ")}
      actions={
        <>
          <Button variant="default" leftSection={<Pencil size={15} />} onClick={() => ask("edit")}>
            {text.people.roles.edit}
          </Button>
          <Button variant="default" leftSection={<Trash2 size={15} />} onClick={() => ask("remove")}>
            {said.remove}
          </Button>
        </>
      }
    >
      <Members group={group} />
      {asked === "edit" && <GroupForm group={group} onClose={() => ask(null)} />}
      {asked === "remove" && <Remove group={group} onClose={() => ask(null)} />}
    </Page>
  );
}
