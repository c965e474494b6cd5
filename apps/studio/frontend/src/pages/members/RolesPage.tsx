import { ActionIcon, Badge, Button, Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client";
import { capabilities, peopleChanged, type Role, roles } from "~/api/people";
import { useBoot } from "~/app/person";
import { Confirm } from "~/parts/Confirm";
import { ErrorNotice } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { text } from "~/text";
import styles from "./Members.module.css";
import { RoleForm } from "./RoleForm";

const said = text.people.roles;
type Dialog = { does: "edit"; role: Role | null } | { does: "remove"; role: Role };

function Remove({ role, onClose }: { role: Role; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`roles/${role.id}`),
    onSuccess: async () => {
      await peopleChanged(client);
      onClose();
    },
  });
  return (
    <Confirm title={said.removeTitle(role.name)} action={said.remove} does={remove} danger onClose={onClose}>
      {said.removeHint}
    </Confirm>
  );
}

interface RowProps {
  role: Role;
  labelOf: (capability: string) => string;
  /** Null for who may only look. */
  ask: ((dialog: Dialog) => void) | null;
}

function Row({ role, labelOf, ask }: RowProps) {
  return (
    <tr className={styles.top}>
      <td className={styles.wrap}>
        <strong className="capital">{role.name}</strong>{" "}
        {role.is_built_in && (
          <Badge variant="default" size="sm" tt="none" fw={500}>
            {said.builtIn}
          </Badge>
        )}
        <div className={styles.under}>{role.description}</div>
      </td>
      <td className={styles.wrap}>{role.capabilities.map(labelOf).join(" · ") || said.nothing}</td>
      <td className={styles.wrap}>{text.people.may(role.levels)}</td>
      <td className={`${styles.wrap} ${styles.wide}`}>{said.carriedBy(role.user_count, role.group_count)}</td>
      <td className={`${styles.wrap} ${page.number}`}>
        {!role.is_built_in && ask && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={said.actions(role.name)}>
                <Ellipsis size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Pencil size={15} />} onClick={() => ask({ does: "edit", role })}>
                {said.edit}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<Trash2 size={15} />}
                onClick={() => ask({ does: "remove", role })}
              >
                {said.remove}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </td>
    </tr>
  );
}

/** Named sets of permissions: those that are built in, and one's own. */
export function RolesPage() {
  const { user } = useBoot();
  const found = useQuery(roles());
  const known = useQuery(capabilities());
  const [dialog, ask] = useState<Dialog | null>(null);
  const labels = new Map((known.data?.results ?? []).map(({ name, label }) => [name, label]));
  const mayManage = user.capabilities.includes("roles.manage");
  return (
    <Page
      title={said.title}
      hint={said.hint}
      actions={
        mayManage && (
          <Button leftSection={<Plus size={15} />} onClick={() => ask({ does: "edit", role: null })}>
            {said.add}
          </Button>
        )
      }
    >
      {found.isError || known.isError ? (
        <ErrorNotice error={found.error ?? known.error} retry={() => void found.refetch()} />
      ) : found.isPending || known.isPending ? (
        <LoadingRows label={said.title} rows={4} />
      ) : (
        <Card>
          <table className={page.table}>
            <thead>
              <tr>
                <th>{said.name}</th>
                <th>{said.can}</th>
                <th className={styles.level}>{said.on}</th>
                <th className={`${styles.carried} ${styles.wide}`}>{said.carried}</th>
                <th className={styles.menu} aria-label={said.actions("")} />
              </tr>
            </thead>
            <tbody>
              {found.data.results.map((role) => (
                <Row
                  key={role.id}
                  role={role}
                  labelOf={(name) => labels.get(name) ?? name}
                  ask={mayManage ? ask : null}
                />
              ))}
            </tbody>
          </table>
        </Card>
      )}
      {dialog?.does === "edit" && <RoleForm role={dialog.role} onClose={() => ask(null)} />}
      {dialog?.does === "remove" && <Remove role={dialog.role} onClose={() => ask(null)} />}
    </Page>
  );
}
