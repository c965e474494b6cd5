import { useMemo } from "react";
import type { PreviewRows } from "~/api/types";
import { cell } from "~/format/cells";
import { type Changes, changesOf } from "~/graph/changes";
import { type DiagramNode, operationOf } from "~/graph/diagram";
import { type Marks, RowsGrid } from "~/parts/RowsGrid";
import { text } from "~/text";
import styles from "./Changes.module.css";

const words = text.inspector.changes;

/** What the node made of the rows that came, from both samples. */
export function useChanges(
  node: DiagramNode,
  before: PreviewRows | null,
  after: PreviewRows | null,
): Changes | null {
  const { config } = node.data;
  const operation = operationOf(node.data);
  return useMemo(() => {
    if (before === null || after === null) return null;
    const renamed = operation === "rename" && isNames(config.mapping) ? config.mapping : {};
    return changesOf(operation, before, after, renamed);
  }, [operation, config.mapping, before, after]);
}

const isNames = (value: unknown): value is Record<string, string> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((each) => typeof each === "string");

/** The figures of a change, as one line. */
export function ChangeSummary({ changes }: { changes: Changes }) {
  const of = (state: string) => changes.columns.filter((column) => column.state === state).length;
  const said: [string, string][] = [
    ["added", of("added") > 0 ? words.added(of("added")) : ""],
    ["removed", of("removed") > 0 ? words.removed(of("removed")) : ""],
    ["changed", of("retyped") > 0 ? words.retyped(of("retyped")) : ""],
    ["changed", of("renamed") > 0 ? words.renamed(of("renamed")) : ""],
    ["removed", changes.dropped !== null && changes.dropped > 0 ? words.dropped(changes.dropped) : ""],
    ["changed", changes.cells > 0 ? words.cells(changes.cells) : ""],
  ];
  const shown = said.filter(([, words]) => words !== "");
  return (
    <span className={`${styles.summary} numbers`} role="status">
      {shown.length === 0
        ? changes.rows !== null && words.nothing
        : shown.map(([kind, each]) => (
            <span key={each} data-mark={kind}>
              {each}
            </span>
          ))}
    </span>
  );
}

interface ChangesViewProps {
  node: DiagramNode;
  before: PreviewRows;
  after: PreviewRows;
  changes: Changes;
}

/** Rows with what changed in them; where rows cannot be told from each other, both sides. */
export function ChangesView({ node, before, after, changes }: ChangesViewProps) {
  const marks = useMemo(() => marksOf(changes), [changes]);
  const rows = useMemo(() => changes.rows?.map(({ values }) => values) ?? [], [changes]);
  if (changes.rows === null) {
    return (
      <div className={styles.beside} title={words.beside}>
        <section aria-label={words.before}>
          <h4>{words.before}</h4>
          <div className={styles.half}>
            <RowsGrid
              label={`${node.data.label}: ${words.before}`}
              columns={before.columns}
              rows={before.rows}
            />
          </div>
        </section>
        <section aria-label={words.after}>
          <h4>{words.after}</h4>
          <div className={styles.half}>
            <RowsGrid
              label={`${node.data.label}: ${words.after}`}
              columns={after.columns}
              rows={after.rows}
            />
          </div>
        </section>
      </div>
    );
  }
  return (
    <RowsGrid
      label={`${node.data.label}: ${words.changes}`}
      columns={changes.columns}
      rows={rows}
      marks={marks}
    />
  );
}

function marksOf({ columns, rows }: Changes): Marks {
  return {
    column: (index) => {
      const column = columns[index];
      if (column === undefined || column.state === "kept") return null;
      const { state, was } = column;
      const title = was === undefined ? words.state[state] : `${words.state[state]}, ${words.was(was)}`;
      return { kind: state === "added" || state === "removed" ? state : "changed", title };
    },
    row: (index) => (rows?.[index]?.dropped ? { kind: "removed", title: words.droppedRow } : null),
    cell: (row, index) => {
      const was = rows?.[row]?.was;
      if (!was?.has(index)) return null;
      const old = cell(was.get(index), columns[index]?.type ?? "string");
      return { kind: "changed", title: words.was(old.text) };
    },
  };
}
