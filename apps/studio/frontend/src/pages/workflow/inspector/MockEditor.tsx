import { Button, Modal, SegmentedControl, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Braces, Plus, Rows3 } from "lucide-react";
import { useState } from "react";
import { preview } from "~/api/queries";
import type { MockInputs } from "~/api/usePreview";
import type { DiagramNode } from "~/graph/diagram";
import {
  columnsOf,
  fromJson,
  type MockCells,
  type MockColumn,
  parseTsv,
  paste,
  readRows,
  writeRows,
} from "~/graph/mocks";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import { MockGrid } from "./MockGrid";
import styles from "./Mocks.module.css";
import type { NodeInput } from "./useInputs";

const words = text.inspector.mocks;
/** As many as a preview takes. */
const MOST = 1000;
const FIRST = 20;

interface MockEditorProps {
  node: DiagramNode;
  inputs: readonly NodeInput[];
  mocks: MockInputs | null;
  onChange: (mocks: MockInputs | null) => void;
  onClose: () => void;
}

/** What is being written for one input. */
interface Draft {
  columns: readonly MockColumn[];
  cells: MockCells;
}

function draftOf(input: NodeInput, mocks: MockInputs | null): Draft {
  const rows = mocks?.[input.port] ?? [];
  const columns = input.columns ?? columnsOf(rows);
  return { columns, cells: rows.length > 0 ? writeRows(rows, columns) : [columns.map(() => "")] };
}

/** Rows for the inputs of a node, written by hand, pasted, or taken from a sample to be changed. */
export default function MockEditor({ node, inputs, mocks, onChange, onClose }: MockEditorProps) {
  const [drafts, setDrafts] = useState(
    () => new Map(inputs.map((input) => [input.port, draftOf(input, mocks)])),
  );
  const [port, setPort] = useState(inputs[0]?.port ?? "");
  const input = inputs.find((each) => each.port === port);
  const draft = drafts.get(port);
  if (input === undefined || draft === undefined) return null;
  const set = (next: Draft) => setDrafts(new Map(drafts).set(port, next));
  const read = new Map([...drafts].map(([name, { cells, columns }]) => [name, readRows(cells, columns)]));
  const wrong = [...read.values()].reduce((sum, each) => sum + each.wrong.size, 0);
  const used = Object.fromEntries(
    [...read]
      .filter(([, { rows }]) => rows.length > 0)
      .map(([name, { rows }]) => [name, rows.slice(0, MOST)]),
  );
  const close = (next: MockInputs | null) => {
    onChange(next);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={words.title(node.data.label)} size={960} centered>
      <p className={styles.hint}>{words.hint}</p>
      <PortEditor
        key={port}
        draft={draft}
        input={input}
        wrong={read.get(port)?.wrong ?? new Set()}
        onChange={set}
        ports={
          inputs.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label={words.port}
              value={port}
              onChange={setPort}
              data={inputs.map((each) => each.port)}
            />
          )
        }
      />
      <footer className={styles.footer}>
        <span className={styles.soft} data-wrong={wrong > 0} role="status">
          {wrong > 0 ? words.wrong(wrong) : draft.cells.length > MOST ? words.most(MOST) : words.paste}
        </span>
        {mocks !== null && (
          <Button variant="subtle" color="gray" onClick={() => close(null)}>
            {words.stop}
          </Button>
        )}
        <Button disabled={wrong > 0 || Object.keys(used).length === 0} onClick={() => close(used)}>
          {words.use}
        </Button>
      </footer>
    </Modal>
  );
}

interface PortEditorProps {
  draft: Draft;
  input: NodeInput;
  wrong: ReadonlySet<string>;
  ports: React.ReactNode;
  onChange: (draft: Draft) => void;
}

function PortEditor({ draft, input, wrong, ports, onChange }: PortEditorProps) {
  const { columns, cells } = draft;
  const [asJson, setAsJson] = useState(columns.length === 0);
  const pasted = (clip: string, at: { row: number; column: number }) => {
    const rows = fromJson(clip);
    if (rows !== null) onChange(withRows(input, rows));
    else onChange({ columns, cells: paste(cells, parseTsv(clip), at, columns) });
  };
  return (
    <>
      <div className={styles.tools}>
        {ports}
        <SegmentedControl
          size="xs"
          value={asJson ? "json" : "grid"}
          onChange={(view) => setAsJson(view === "json")}
          data={[
            { value: "grid", label: words.grid, disabled: columns.length === 0 },
            { value: "json", label: words.json },
          ]}
        />
        <Fill input={input} onChange={onChange} />
        <Button
          size="compact-xs"
          variant="subtle"
          ml="auto"
          leftSection={<Plus size={13} />}
          disabled={asJson}
          onClick={() => onChange({ columns, cells: [...cells, columns.map(() => "")] })}
        >
          {words.addRow}
        </Button>
      </div>
      <div className={styles.area}>
        {asJson ? (
          <JsonRows draft={draft} input={input} onChange={onChange} />
        ) : (
          <MockGrid
            columns={columns}
            cells={cells}
            wrong={wrong}
            onChange={(next) => onChange({ columns, cells: next })}
            onPaste={pasted}
          />
        )}
      </div>
    </>
  );
}

function withRows(input: NodeInput, rows: readonly Record<string, unknown>[] | readonly object[]): Draft {
  const list = rows as readonly Record<string, unknown>[];
  const columns = input.columns ?? columnsOf(list);
  return { columns, cells: writeRows(list, columns) };
}

/** Start from what the sample holds. */
function Fill({ input, onChange }: { input: NodeInput; onChange: (draft: Draft) => void }) {
  const { workflow } = useWorkflowView();
  const client = useQueryClient();
  const [none, setNone] = useState(false);
  const source = input.source;
  if (source === null) return null;
  const fill = async () => {
    const sample = await client.fetchQuery(preview(workflow.id, source.node));
    setNone(sample === null);
    if (sample === null) return;
    const rows = sample.rows
      .slice(0, FIRST)
      .map((row) => Object.fromEntries(sample.columns.map(({ name }, index) => [name, row[index]])));
    onChange(withRows(input, rows));
  };
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<Rows3 size={13} />}
        onClick={() => void fill()}
      >
        {words.fill}
      </Button>
      {none && <span className={styles.soft}>{words.fillNone}</span>}
    </>
  );
}

function JsonRows({
  draft,
  input,
  onChange,
}: {
  draft: Draft;
  input: NodeInput;
  onChange: (draft: Draft) => void;
}) {
  const { rows } = readRows(draft.cells, draft.columns);
  const [written, setWritten] = useState(rows.length > 0 ? JSON.stringify(rows, null, 2) : "");
  const table = !written.trim().startsWith("[") && !written.trim().startsWith("{") && written.includes("\t");
  const read = table ? fromTable(written) : fromJson(written);
  const known = new Set(input.columns?.map(({ name }) => name));
  const strange =
    input.columns === null || read === null
      ? []
      : columnsOf(read).flatMap(({ name }) => (known.has(name) ? [] : [name]));
  const trouble =
    written.trim() === ""
      ? undefined
      : read === null
        ? words.notRows
        : strange.length > 0
          ? words.unknown(strange.join(", "))
          : undefined;
  return (
    <Textarea
      label={words.json}
      description={input.columns === null ? words.noColumns : undefined}
      leftSection={<Braces size={14} />}
      leftSectionProps={{ style: { alignItems: "flex-start", paddingTop: 9 } }}
      autosize
      minRows={10}
      maxRows={14}
      ff="monospace"
      spellCheck={false}
      value={written}
      error={trouble}
      onChange={({ currentTarget: { value } }) => {
        setWritten(value);
        const next = value.includes("\t") && fromJson(value) === null ? fromTable(value) : fromJson(value);
        if (next !== null) onChange(withRows(input, next));
        else if (value.trim() === "") onChange({ columns: draft.columns, cells: [] });
      }}
    />
  );
}

/** A pasted table whose first line names the columns. */
function fromTable(written: string): Record<string, unknown>[] | null {
  const [names, ...lines] = parseTsv(written);
  if (names === undefined || lines.length === 0) return null;
  const columns = names.map((name) => ({ name: name.trim(), type: undefined }));
  return readRows(lines, columns).rows as Record<string, unknown>[];
}
