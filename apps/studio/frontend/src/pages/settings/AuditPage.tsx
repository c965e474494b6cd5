import { Button, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ScrollText, Search } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { members } from "~/api/people";
import { type AuditEntry, auditActions, auditLog } from "~/api/settings";
import { useBoot } from "~/app/person";
import { exactTime } from "~/format/time";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Settings.module.css";

const said = text.people.audit;
const SIZE = 50;
const NAMES = ["person", "action", "object", "object_id", "from", "until", "search"] as const;
type Name = (typeof NAMES)[number];
type Chosen = Record<Name, string | null>;

/** `permission_granted` → `Permission granted` */
const words = (name: string) =>
  (name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ")).replace(/^Api /, "API ");

/** The beginning of a day here, or of the one after it. */
function startOf(day: string, more: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + more);
  return at.toISOString();
}

function People({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const [typed, setTyped] = useState("");
  const found = useQuery({ ...members({ search: typed, size: 50 }), placeholderData: keepPreviousData });
  return (
    <Select
      w={176}
      searchable
      clearable
      aria-label={said.person}
      placeholder={said.anyPerson}
      data={(found.data?.results ?? []).map(({ id, name, email }) => ({ value: id, label: name || email }))}
      filter={({ options }) => options}
      onSearchChange={setTyped}
      value={value}
      onChange={onChange}
    />
  );
}

function Filters({ chosen, set }: { chosen: Chosen; set: (changes: Partial<Chosen>) => void }) {
  const { user } = useBoot();
  const actions = useQuery(auditActions());
  const kinds = [
    ...new Set((actions.data?.actions ?? []).map((action) => action.split("_").slice(0, -1).join("_"))),
  ];
  const search = useDebouncedCallback((value: string) => set({ search: value || null }), 250);
  const day = (name: "from" | "until", label: string) => (
    <TextInput
      type="date"
      w={168}
      aria-label={label}
      leftSection={<span className={styles.prefix}>{label}</span>}
      leftSectionWidth={48}
      value={chosen[name] ?? ""}
      onChange={(event) => set({ [name]: event.currentTarget.value || null })}
    />
  );
  return (
    <div className={styles.filters}>
      <TextInput
        w={200}
        type="search"
        aria-label={said.search}
        placeholder={said.search}
        leftSection={<Search size={15} />}
        defaultValue={chosen.search ?? ""}
        onChange={(event) => search(event.currentTarget.value)}
      />
      {user.capabilities.includes("users.manage") && (
        <People value={chosen.person} onChange={(person) => set({ person })} />
      )}
      <Select
        w={192}
        searchable
        clearable
        aria-label={said.action}
        placeholder={said.anyAction}
        data={(actions.data?.actions ?? []).map((value) => ({ value, label: words(value) }))}
        value={chosen.action}
        onChange={(action) => set({ action })}
      />
      <Select
        w={144}
        searchable
        clearable
        aria-label={said.object}
        placeholder={said.anyObject}
        data={[...new Set([...kinds, ...(chosen.object ? [chosen.object] : [])])]
          .filter((kind) => kind !== "")
          .sort()
          .map((value) => ({ value, label: words(value) }))}
        value={chosen.object}
        onChange={(object) => set({ object, object_id: null })}
      />
      {day("from", said.from)}
      {day("until", said.until)}
    </div>
  );
}

function Details({ entry, onClose, only }: { entry: AuditEntry; onClose: () => void; only: () => void }) {
  return (
    <Modal opened onClose={onClose} title={words(entry.action)} size="lg">
      <Stack gap="md">
        <dl className={styles.facts}>
          <dt>{said.when}</dt>
          <dd>{exactTime(entry.at)}</dd>
          <dt>{said.who}</dt>
          <dd>{entry.actor || said.system}</dd>
          <dt>{said.on}</dt>
          <dd>
            {words(entry.object_type)} {entry.object_name || entry.object_id}
            {entry.object_id && (
              <Button size="compact-xs" variant="default" onClick={only}>
                {said.onlyThis}
              </Button>
            )}
          </dd>
          {entry.path && (
            <>
              <dt>{said.request}</dt>
              <dd>
                {entry.method} {entry.path}
              </dd>
            </>
          )}
          {entry.address && (
            <>
              <dt>{said.address}</dt>
              <dd>{entry.address}</dd>
            </>
          )}
        </dl>
        {Object.keys(entry.details).length > 0 && (
          <pre className={styles.json}>{JSON.stringify(entry.details, null, 2)}</pre>
        )}
      </Stack>
    </Modal>
  );
}

function Table({ entries, show }: { entries: readonly AuditEntry[]; show: (entry: AuditEntry) => void }) {
  return (
    <table className={page.table}>
      <thead>
        <tr>
          <th className={styles.when}>{said.when}</th>
          <th>{said.who}</th>
          <th className={styles.action}>{said.what}</th>
          <th>{said.on}</th>
          <th className={`${styles.when} ${styles.wide}`}>{said.address}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td className={page.soft}>
              <Time at={entry.at} />
            </td>
            <td title={entry.actor}>{entry.actor || said.system}</td>
            <td>
              <button
                type="button"
                className={styles.what}
                aria-label={said.show(words(entry.action))}
                onClick={() => show(entry)}
              >
                {words(entry.action)}
              </button>
            </td>
            <td title={entry.object_name || (entry.object_id ?? "")}>
              {entry.object_name || entry.object_id?.slice(-6)}
              <span className={styles.under}>{words(entry.object_type)}</span>
            </td>
            <td className={`${page.soft} ${styles.wide}`}>{entry.address ?? text.nothing}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who did what: narrowed by person, action, object and time, all of which stand in the address. */
export function AuditPage() {
  const [address, setAddress] = useSearchParams();
  const [shown, show] = useState<AuditEntry | null>(null);
  const chosen = Object.fromEntries(NAMES.map((name) => [name, address.get(name)])) as Chosen;
  const at = Math.max(1, Number(address.get("page")) || 1);
  const put = (next: Partial<Chosen>, number = 1) => {
    const kept = Object.entries({ ...chosen, ...next }).filter(
      (pair): pair is [string, string] => pair[1] !== null,
    );
    setAddress(new URLSearchParams([...kept, ...(number > 1 ? [["page", String(number)]] : [])]), {
      replace: true,
    });
  };
  const found = useQuery({
    ...auditLog(
      {
        ...(chosen.person ? { actor_id: chosen.person } : {}),
        ...(chosen.action ? { action: chosen.action } : {}),
        ...(chosen.object ? { object_type: chosen.object } : {}),
        ...(chosen.object_id ? { object_id: chosen.object_id } : {}),
        ...(chosen.from ? { after: startOf(chosen.from, 0) } : {}),
        ...(chosen.until ? { before: startOf(chosen.until, 1) } : {}),
        ...(chosen.search ? { search: chosen.search } : {}),
      },
      at,
      SIZE,
    ),
    placeholderData: keepPreviousData,
  });
  const narrowed = NAMES.some((name) => chosen[name] !== null);
  const clear = (
    <Button size="xs" variant="default" onClick={() => setAddress(new URLSearchParams())}>
      {said.clear}
    </Button>
  );
  return (
    <Page title={said.title} hint={said.hint}>
      <Filters chosen={chosen} set={put} />
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title} rows={10} />
      ) : found.data.results.length === 0 ? (
        <Notice icon={ScrollText} title={narrowed ? said.noMatch : said.none} action={narrowed && clear}>
          {!narrowed && said.noneHint}
        </Notice>
      ) : (
        <>
          <Card>
            <Table entries={found.data.results} show={show} />
          </Card>
          <Pager
            total={said.total(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={(number) => put({}, number)}
          />
        </>
      )}
      {shown && (
        <Details
          entry={shown}
          onClose={() => show(null)}
          only={() => {
            put({ object: shown.object_type, object_id: shown.object_id });
            show(null);
          }}
        />
      )}
    </Page>
  );
}
