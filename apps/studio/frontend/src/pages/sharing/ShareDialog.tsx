import { ActionIcon, Alert, Button, Modal, Select, Skeleton, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client";
import { ACCESS_SIZE, type AccessEntry, access, peopleChanged, type Shareable } from "~/api/people";
import { useBoot } from "~/app/person";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { SearchInput } from "~/parts/SearchInput";
import { text } from "~/text";
import { CHOICES, type Choice, changesFor, choiceOf, ownGrants } from "./levels";
import { ReasonList } from "./ReasonList";
import { ShareForm } from "./ShareForm";
import styles from "./Sharing.module.css";
import { SubjectFace } from "./SubjectFace";

const said = text.people.sharing;
const nameOf = ({ name, email }: AccessEntry) => name || email || "";

/** Sets what was granted on the object itself. Granting goes first: nobody has less than before and after. */
function useChange(object: Shareable, entry: AccessEntry) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (choice: Choice | null) => {
      const grants = ownGrants(entry);
      const { grant, revoke } =
        choice === null
          ? { grant: [], revoke: grants.flatMap(({ permission_id }) => permission_id ?? []) }
          : changesFor(grants, choice);
      for (const permission of grant) {
        await api.post("permissions", {
          object_type: object.type,
          object_id: object.id,
          [`${entry.kind}_id`]: entry.id,
          permission,
        });
      }
      for (const id of revoke) await api.delete(`permissions/${id}`);
    },
    onSettled: () => peopleChanged(client),
  });
}

interface EntryProps {
  object: Shareable;
  entry: AccessEntry;
  mayGrant: boolean;
  tell: (what: string) => void;
}

function Entry({ object, entry, mayGrant, tell }: EntryProps) {
  const { user } = useBoot();
  const change = useChange(object, entry);
  const name = nameOf(entry);
  const own = choiceOf(ownGrants(entry).flatMap(({ level }) => level ?? []));
  const isYou = entry.kind === "user" && entry.id === user.id;
  return (
    <li className={styles.entry}>
      <SubjectFace kind={entry.kind} name={name} />
      <div className={styles.who}>
        <span className={styles.name} title={entry.email ?? undefined}>
          {name}
          {isYou && <em>{said.you}</em>}
          {!entry.is_active && <em>{said.disabled}</em>}
          {entry.member_count !== null && <em>{said.people(entry.member_count)}</em>}
        </span>
        <ReasonList reasons={entry.reasons} ofGroup={entry.kind === "group"} />
        <Refusal error={change.error} />
      </div>
      {mayGrant && own !== null ? (
        <div className={styles.set}>
          <Select
            size="xs"
            w={128}
            aria-label={said.levelOf(name)}
            allowDeselect={false}
            comboboxProps={{ withinPortal: true }}
            disabled={change.isPending}
            data={CHOICES.map((value) => ({ value, label: said.levels[value] ?? value }))}
            value={change.isPending && change.variables !== null ? change.variables : own}
            onChange={(value) =>
              value !== null &&
              value !== own &&
              change.mutate(value as Choice, { onSuccess: () => tell(said.changed(name)) })
            }
          />
          <Tooltip label={said.remove(name)}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={said.remove(name)}
              loading={change.isPending && change.variables === null}
              onClick={() => change.mutate(null, { onSuccess: () => tell(said.unshared(name)) })}
            >
              <X size={15} />
            </ActionIcon>
          </Tooltip>
        </div>
      ) : (
        <span className={styles.level}>{text.people.may(entry.levels)}</span>
      )}
    </li>
  );
}

function Loading() {
  return (
    <ul className={styles.list} aria-busy aria-label={said.who}>
      {[64, 52, 58].map((width) => (
        <li key={width} className={styles.entry}>
          <Skeleton circle height={28} />
          <div className={styles.who}>
            <Skeleton height={12} width={`${width}%`} my={4} />
            <Skeleton height={10} width={`${width - 24}%`} my={4} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Who may do what with something, and why; for who manages it a way to change that. */
export function ShareDialog({ object, onClose }: { object: Shareable; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const [size, setSize] = useState(ACCESS_SIZE);
  const [told, tell] = useState("");
  const found = useQuery({ ...access(object, search, size), placeholderData: keepPreviousData });
  const mayGrant = found.data?.may_grant ?? false;
  const entries = found.data?.results ?? [];
  const rest = (found.data?.count ?? 0) - entries.length;
  return (
    <Modal opened onClose={onClose} title={said.title(object.name)} size={580}>
      {mayGrant && <ShareForm object={object} tell={tell} />}
      {found.data !== undefined && !mayGrant && (
        <Alert variant="light" color="gray" mb="md">
          {said.readOnly}
        </Alert>
      )}
      <div className={styles.heading}>
        <h3>{said.who}</h3>
        <span role="status" className={styles.told}>
          {told}
        </span>
        {((found.data?.count ?? 0) > 6 || search !== "") && (
          <SearchInput w={168} size="xs" label={said.search} value={typed} onChange={setTyped} />
        )}
      </div>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Loading />
      ) : entries.length === 0 ? (
        <p className={styles.none}>{said.noMatch}</p>
      ) : (
        <ul className={styles.list} aria-label={said.who}>
          {entries.map((entry) => (
            <Entry key={entry.id} object={object} entry={entry} mayGrant={mayGrant} tell={tell} />
          ))}
        </ul>
      )}
      {rest > 0 && size < 200 && (
        <Button size="xs" variant="subtle" fullWidth onClick={() => setSize(200)}>
          {said.more(rest)}
        </Button>
      )}
    </Modal>
  );
}
