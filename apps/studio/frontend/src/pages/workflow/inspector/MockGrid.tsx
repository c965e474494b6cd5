import { useVirtualizer } from "@tanstack/react-virtual";
import { X } from "lucide-react";
import { useRef } from "react";
import { columnKind } from "~/format/cells";
import { count } from "~/format/numbers";
import type { MockCells, MockColumn } from "~/graph/mocks";
import { text } from "~/text";
import styles from "./Mocks.module.css";

const words = text.inspector.mocks;
const ROW = 30;
const WIDTH = 132;

interface MockGridProps {
  columns: readonly MockColumn[];
  cells: MockCells;
  /** Cells that do not fit their column, as `row:column`. */
  wrong: ReadonlySet<string>;
  onChange: (cells: string[][]) => void;
  onPaste: (clip: string, at: { row: number; column: number }) => void;
}

/** A table to type into; arrows and Enter lead from cell to cell, a pasted table fills from where one stands. */
export function MockGrid({ columns, cells, wrong, onChange, onPaste }: MockGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const down = useVirtualizer({
    count: cells.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const set = (row: number, column: number, typed: string) =>
    onChange(
      cells.map((line, at) =>
        at === row ? line.map((cell, place) => (place === column ? typed : cell)) : [...line],
      ),
    );
  const go = (row: number, column: number) => {
    down.scrollToIndex(row);
    scroller.current?.querySelector<HTMLElement>(`[data-cell="${row}:${column}"]`)?.focus();
  };
  const keyed = (event: React.KeyboardEvent, row: number, column: number) => {
    if (event.key === "ArrowDown" || event.key === "Enter") go(Math.min(row + 1, cells.length - 1), column);
    else if (event.key === "ArrowUp") go(Math.max(row - 1, 0), column);
    else return;
    event.preventDefault();
  };
  const grid = { gridTemplateColumns: `36px repeat(${columns.length}, minmax(${WIDTH}px, 1fr)) 28px` };
  return (
    <div ref={scroller} className={styles.scroller}>
      <div className={styles.table} style={{ minWidth: 64 + columns.length * WIDTH }}>
        <div className={styles.head} style={grid}>
          <span />
          {columns.map(({ name, type }) => (
            <span key={name} className={styles.title} data-kind={columnKind(type ?? "")} title={name}>
              <b>{name}</b>
              <code>{type ?? ""}</code>
            </span>
          ))}
        </div>
        <div style={{ height: down.getTotalSize(), position: "relative" }}>
          {down.getVirtualItems().map(({ index, start }) => (
            <div key={index} className={styles.line} style={{ ...grid, top: start }}>
              <span className={`${styles.number} numbers`}>{count(index + 1)}</span>
              {columns.map(({ name, type }, column) => {
                const typed = cells[index]?.[column] ?? "";
                return (
                  <input
                    key={name}
                    className={`${styles.cell} numbers`}
                    data-cell={`${index}:${column}`}
                    data-kind={columnKind(type ?? "")}
                    data-null={typed === ""}
                    aria-label={words.cell(name, index + 1)}
                    aria-invalid={wrong.has(`${index}:${column}`)}
                    inputMode={columnKind(type ?? "") === "number" ? "decimal" : "text"}
                    placeholder="null"
                    spellCheck={false}
                    autoComplete="off"
                    value={typed}
                    onChange={(event) => set(index, column, event.currentTarget.value)}
                    onKeyDown={(event) => keyed(event, index, column)}
                    onPaste={(event) => {
                      const clip = event.clipboardData.getData("text/plain");
                      if (!/[\t\n]|^\s*[[{]/.test(clip)) return;
                      event.preventDefault();
                      onPaste(clip, { row: index, column });
                    }}
                  />
                );
              })}
              <button
                type="button"
                className={styles.remove}
                aria-label={words.removeRow}
                title={words.removeRow}
                onClick={() => onChange(cells.flatMap((line, at) => (at === index ? [] : [[...line]])))}
              >
                <X size={13} />
              </button>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
