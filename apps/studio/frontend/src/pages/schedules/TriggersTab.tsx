import { Select, TextInput } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Zap } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import { type Trigger, triggerFires, triggers } from "~/api/starters";
import { useWorkflowNames } from "~/api/useWorkflowNames";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { FormDialog } from "~/parts/FormDialog";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { LoadingRows, Pager } from "~/parts/Page";
import { text } from "~/text";
import styles from "./Schedules.module.css";
import { Started } from "./Started";
import { StarterList } from "./StarterList";
import { type TargetChoice, TargetFields } from "./TargetFields";

const said = text.starters;
const SIZE = 25;
const FILES = "files";
const pairs = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

function Create({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const connectors = useQuery(queries.connectors());
  const [target, setTarget] = useState<TargetChoice>({ kind: "jobs", id: null });
  const [kind, setKind] = useState<Trigger["kind"]>("workflow_finished");
  const [source, setSource] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<string>("success");
  const [connector, setConnector] = useState<string | null>(null);
  const [pattern, setPattern] = useState("*");
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () =>
      api.post<Trigger>(`${target.kind}/${target.id}/triggers`, {
        name: name.trim(),
        kind,
        ...(kind === "file_arrived" ? { connector_id: connector, pattern } : { source_id: source, outcome }),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["triggers"] });
      onClose();
    },
  });
  const complete = target.id !== null && (kind === "file_arrived" ? connector : source) !== null;
  return (
    <FormDialog
      title={said.addTrigger}
      size="lg"
      submit={text.create}
      sending={save}
      complete={complete}
      onSubmit={save.mutate}
      onClose={onClose}
    >
      <Select
        label={said.when}
        allowDeselect={false}
        data={pairs(said.kinds)}
        value={kind}
        onChange={(value) => value && setKind(value as Trigger["kind"])}
      />
      {kind === "file_arrived" ? (
        <div className={styles.two}>
          <Select
            label={said.connector}
            placeholder={said.chooseConnector}
            searchable
            allowDeselect={false}
            data={(connectors.data ?? [])
              .filter(({ connector_type }) => connector_type === FILES)
              .map(({ id, name }) => ({ value: id, label: name }))}
            value={connector}
            onChange={setConnector}
          />
          <TextInput
            label={said.pattern}
            description={said.patternHint}
            inputWrapperOrder={["label", "input", "description"]}
            maxLength={200}
            value={pattern}
            onChange={(event) => setPattern(event.currentTarget.value)}
          />
        </div>
      ) : (
        <div className={styles.two}>
          <PlaceSelect
            label={said.source}
            placeholder={said.chooseWorkflow}
            types={["workflow"]}
            value={source}
            onChange={(place) => setSource(place?.id ?? null)}
          />
          <Select
            label={said.outcome}
            allowDeselect={false}
            data={pairs(said.outcomes)}
            value={outcome}
            onChange={(value) => value && setOutcome(value)}
          />
        </div>
      )}
      <TargetFields chosen={target} choose={setTarget} />
      <TextInput
        label={text.schedules.name}
        placeholder={said.nameHint}
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function Fires({ trigger, title, onClose }: { trigger: Trigger; title: string; onClose: () => void }) {
  const found = useQuery(triggerFires(trigger.id));
  return (
    <Started
      title={text.schedules.historyTitle(title)}
      hint={said.firesHint}
      none={text.schedules.noFires}
      rows={found.data?.results}
      error={found.error}
      onClose={onClose}
      detail={(fire) =>
        fire.error ? (
          <span className={styles.wrong} title={fire.error.remedy}>
            {fire.error.message}
          </span>
        ) : (
          fire.status !== "started" && (
            <span className={styles.soft}>{text.schedules.fireStatus[fire.status] ?? fire.status}</span>
          )
        )
      }
    />
  );
}

/** What runs when something has happened in UZO. */
export function TriggersTab({ adding, onAdded }: { adding: boolean; onAdded: () => void }) {
  const [at, setAt] = useState(1);
  const [shown, show] = useState<Trigger | null>(null);
  const found = useQuery({ ...triggers(at, SIZE), placeholderData: keepPreviousData });
  const connectors = useQuery(queries.connectors());
  const rows = found.data?.results ?? [];
  const nameOf = useWorkflowNames(rows.flatMap(({ source_id }) => (source_id ? [source_id] : [])));
  const connectorOf = (id: string | null) => connectors.data?.find((each) => each.id === id)?.name ?? "…";
  const wordsOf = (trigger: Trigger) =>
    trigger.kind === "file_arrived"
      ? said.fileWords(trigger.pattern, connectorOf(trigger.connector_id))
      : said.finishedWords(nameOf(trigger.source_id ?? "") ?? "…", said.outcomes[trigger.outcome]);
  const titleOf = (trigger: Trigger) => trigger.name || wordsOf(trigger);
  return (
    <>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.triggers} rows={3} />
      ) : rows.length === 0 ? (
        <Notice icon={Zap} title={said.noTriggers}>
          {said.noTriggersHint}
        </Notice>
      ) : (
        <>
          <StarterList
            kind="triggers"
            starters={rows}
            wordsOf={wordsOf}
            titleOf={titleOf}
            history={text.schedules.history}
            onHistory={show}
          />
          <Pager
            total={said.totalTriggers(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={setAt}
          />
        </>
      )}
      {adding && <Create onClose={onAdded} />}
      {shown && <Fires trigger={shown} title={titleOf(shown)} onClose={() => show(null)} />}
    </>
  );
}
