import { Tooltip } from "@mantine/core";
import { count, duration, size } from "~/format/numbers";
import type { NodeState } from "~/graph/execution";
import { timelineOf } from "~/graph/timeline";
import { Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Executions.module.css";

interface NodeTableProps {
  nodes: readonly NodeState[];
  now: number;
  labelOf: (node: string) => string;
  selected: string | null;
  onSelect: (node: string | null) => void;
}

function rowsText(rows: number | null, node: NodeState): string {
  if (rows !== null) return count(rows);
  return node.pushed_down ? "⤒" : text.nothing;
}

/** The nodes of a run with their figures, and beside each when it ran. */
export function NodeTable({ nodes, now, labelOf, selected, onSelect }: NodeTableProps) {
  const { bars, ticks } = timelineOf(nodes, now);
  const barOf = new Map(bars.map((bar) => [bar.node.node_id, bar]));
  const order = new Map(bars.map((bar, index) => [bar.node.node_id, index]));
  const rows = [...nodes].sort(
    (one, other) => (order.get(one.node_id) ?? nodes.length) - (order.get(other.node_id) ?? nodes.length),
  );
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th className={styles.nodeName}>{text.execution.node}</th>
          <th className={styles.status}>{text.runs.status}</th>
          <th className={styles.number}>{text.execution.rowsIn}</th>
          <th className={styles.number}>{text.execution.rowsOut}</th>
          <th className={`${styles.number} ${styles.wide}`}>{text.execution.size}</th>
          <th className={styles.number}>{text.execution.duration}</th>
          <th className={styles.timeline} aria-label={text.execution.timeline}>
            <div className={`${styles.ticks} numbers`}>
              {ticks.map(({ at, ms }) => (
                <span key={ms} style={{ left: `${Math.min(at, 0.999) * 100}%` }} hidden={at > 0.92}>
                  {duration(ms)}
                </span>
              ))}
            </div>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((node) => {
          const bar = barOf.get(node.node_id);
          const chosen = selected === node.node_id;
          return (
            <tr
              key={node.node_id}
              className={styles.clickable}
              data-selected={chosen}
              onClick={() => onSelect(chosen ? null : node.node_id)}
              onKeyDown={(event) => event.key === "Enter" && onSelect(chosen ? null : node.node_id)}
              tabIndex={0}
            >
              <td className={styles.clip} title={labelOf(node.node_id)}>
                {labelOf(node.node_id)}
              </td>
              <td>
                <Tooltip label={node.error?.message} disabled={!node.error} multiline maw={420}>
                  <span>
                    <Status status={node.status} />
                  </span>
                </Tooltip>
              </td>
              <td
                className={`${styles.number} numbers`}
                title={node.pushed_down ? text.node.pushedDown : undefined}
              >
                {rowsText(node.rows_in, node)}
              </td>
              <td
                className={`${styles.number} numbers`}
                title={node.pushed_down ? text.node.pushedDown : undefined}
              >
                {rowsText(node.rows_out, node)}
              </td>
              <td className={`${styles.number} ${styles.wide} numbers`}>
                {node.bytes === null ? text.nothing : size(node.bytes)}
              </td>
              <td className={`${styles.number} numbers`}>
                {node.duration_ms === null ? text.nothing : duration(node.duration_ms)}
              </td>
              <td className={styles.timeline}>
                <div className={styles.lane}>
                  {bar && (
                    <div
                      className={styles.barFill}
                      data-status={node.status}
                      style={{ left: `${bar.from * 100}%`, width: `${bar.width * 100}%` }}
                    />
                  )}
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
