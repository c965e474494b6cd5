import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { cell, columnKind, columnWidth } from "~/format/cells";
import { count } from "~/format/numbers";
import styles from "./RowsGrid.module.css";

interface RowsGridProps {
  label: string;
  columns: readonly { name: string; type: string }[];
  rows: readonly (readonly unknown[])[];
  /** Called when the end comes into sight. */
  onEnd?: (() => void) | undefined;
  /** What is to be seen at once of a column, a row or a cell; the title says it in words. */
  marks?: Marks | undefined;
}

export interface Mark {
  kind: "added" | "removed" | "changed";
  title: string;
}

export interface Marks {
  column: (column: number) => Mark | null;
  row: (row: number) => Mark | null;
  cell: (row: number, column: number) => Mark | null;
}

const ROW = 28;
const HEAD = 44;

/** Rows of data: only what is seen is in the page, however many rows and columns there are. */
export function RowsGrid({ label, columns, rows, onEnd, marks }: RowsGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useRef(rows);
  latest.current = rows;
  const gutter = 28 + count(rows.length).length * 7;
  // The first rows decide: more of them must not move what is being read.
  const first = rows[0];
  const widths = useMemo(() => {
    const looked = first === undefined ? [] : latest.current.slice(0, 50);
    return columns.map((column, index) =>
      columnWidth(
        column.name,
        column.type,
        looked.map((row) => row[index]),
      ),
    );
  }, [columns, first]);
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => widths[index] ?? 120,
    overscan: 4,
  });
  const measured = useRef(widths);
  useEffect(() => {
    if (measured.current !== widths) across.measure();
    measured.current = widths;
  }, [across, widths]);

  const shownRows = down.getVirtualItems();
  const shownColumns = across.getVirtualItems();
  const last = shownRows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd?.();
  }, [last, rows.length, onEnd]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table is made of positioned blocks
    <div
      ref={scroller}
      className={styles.scroller}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div style={{ width: gutter + across.getTotalSize(), height: HEAD + down.getTotalSize() }}>
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: a header row is not a control */}
        <div className={styles.head} role="row" style={{ width: gutter + across.getTotalSize() }}>
          <span className={styles.corner} style={{ width: gutter }} />
          {shownColumns.map(({ index, start, size }) => {
            const column = columns[index];
            if (!column) return null;
            const mark = marks?.column(index);
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              // biome-ignore lint/a11y/useFocusableInteractive: a header is not a control here
              <div
                key={index}
                role="columnheader"
                className={styles.title}
                data-kind={columnKind(column.type)}
                data-mark={mark?.kind}
                style={{ left: gutter + start, width: size }}
                title={
                  mark ? `${column.name}: ${column.type} (${mark.title})` : `${column.name}: ${column.type}`
                }
              >
                <span className={styles.name}>{column.name}</span>
                <span className={styles.type}>{column.type}</span>
              </div>
            );
          })}
        </div>
        {shownRows.map((row) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: a row is not a control
          <div
            key={row.index}
            role="row"
            aria-rowindex={row.index + 2}
            className={`${styles.row} numbers`}
            data-mark={marks?.row(row.index)?.kind}
            title={marks?.row(row.index)?.title}
            style={{ top: HEAD + row.start, width: gutter + across.getTotalSize() }}
          >
            <span className={styles.number} style={{ width: gutter }}>
              {count(row.index + 1)}
            </span>
            {shownColumns.map(({ index, start, size }) => {
              const { kind, text } = cell(rows[row.index]?.[index], columns[index]?.type ?? "string");
              const whole = marks?.column(index) ?? null;
              const mark = marks?.cell(row.index, index) ?? (whole?.kind === "changed" ? null : whole);
              return (
                // biome-ignore lint/a11y/useSemanticElements: as above
                <span
                  key={index}
                  role="cell"
                  className={styles.cell}
                  data-kind={kind}
                  data-column={columnKind(columns[index]?.type ?? "string")}
                  style={{ left: gutter + start, width: size }}
                  data-mark={mark?.kind}
                  title={marks?.cell(row.index, index)?.title ?? (text.length > 20 ? text : undefined)}
                >
                  {text}
                </span>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}
