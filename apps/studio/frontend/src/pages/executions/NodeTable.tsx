import { ActionIcon, Menu, Text, Tooltip } from "@mantine/core";
import { Ellipsis, RotateCcw, Workflow } from "lucide-react";
import { Link } from "wouter";
import { count, duration, percent, size } from "~/format/numbers";
import { doneOf, type NodeState, rowsPerSecond } from "~/graph/execution";
import { timelineOf } from "~/graph/timeline";
import { Lane, Ticks } from "~/parts/Lane";
import { Card } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { text } from "~/text";
import styles from "./Executions.module.css";

interface NodeTableProps {
  nodes: readonly NodeState[];
  now: number;
  labelOf: (node: string) => string;
  selected: string | null;
  onSelect: (node: string | null) => void;
  /** Whether the run waits: what is under way in it waits, too. */
  waits: boolean;
  /** Where the run is shown on the canvas. */
  canvas: string;
  /** Shows what the iterations of a loop came to. */
  onIterations: (node: string) => void;
  /** Runs the workflow again from a node on; not there while the run goes on. */
  onFromHere: ((node: string) => void) | undefined;
}

type NodeMenuProps = Pick<NodeTableProps, "canvas" | "onFromHere"> & { node: string; label: string };

function NodeMenu({ node, label, canvas, onFromHere }: NodeMenuProps) {
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={text.run.actions(label)}
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => event.stopPropagation()}
        >
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => event.stopPropagation()}
      >
        {onFromHere && (
          <Menu.Item leftSection={<RotateCcw size={15} />} onClick={() => onFromHere(node)}>
            {text.run.fromHere}
            <Text size="xs" c="dimmed">
              {text.run.fromHereHint}
            </Text>
          </Menu.Item>
        )}
        <Menu.Item
          component={Link}
          href={`${canvas}&node=${encodeURIComponent(node)}`}
          leftSection={<Workflow size={15} />}
        >
          {text.run.openOnCanvas}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface NodeNameProps {
  node: NodeState;
  label: string;
  onIterations: (node: string) => void;
}

function NodeName({ node, label, onIterations }: NodeNameProps) {
  return (
    <>
      <div className={styles.clip} title={label}>
        {label}
        {node.iterations && (
          <button
            type="button"
            className={styles.loop}
            onClick={(event) => {
              event.stopPropagation();
              onIterations(node.node_id);
            }}
            onKeyDown={(event) => event.stopPropagation()}
          >
            {text.iterations.counts(node.iterations)}
          </button>
        )}
        {node.attempt > 1 && <span className={styles.attempt}>{text.run.attempt(node.attempt)}</span>}
      </div>
      {node.error && (
        <Tooltip label={`${node.error.message} ${node.error.remedy ?? ""}`} multiline maw={420}>
          <div className={`${styles.clip} ${styles.nodeError}`}>{node.error.message}</div>
        </Tooltip>
      )}
    </>
  );
}

function rowsText(rows: number | null, node: NodeState): string {
  if (rows !== null) return count(rows);
  return node.pushed_down ? text.node.inSource : text.nothing;
}

function rateText(node: NodeState, now: number): string | undefined {
  const rate = rowsPerSecond(node, now);
  return rate === null ? undefined : text.node.perSecond(rate);
}

/** How long it took; while it runs, how much of it is done, or how long it has been at work. */
function tookText(node: NodeState, now: number): string {
  const done = doneOf(node);
  if (done !== null) return percent(done);
  if (node.status === "running" && node.started_at !== null) {
    return duration(Math.max(0, now - Date.parse(node.started_at)));
  }
  return node.duration_ms === null ? text.nothing : duration(node.duration_ms);
}

/** The nodes of a run with their figures, and beside each when it ran. */
export function NodeTable(props: NodeTableProps) {
  const { nodes, now, labelOf, selected, onSelect, waits, canvas, onFromHere, onIterations } = props;
  const statusOf = (node: NodeState) => (waits && node.status === "running" ? "paused" : node.status);
  const { bars, ticks } = timelineOf(nodes, now);
  const barOf = new Map(bars.map((bar) => [bar.node.node_id, bar]));
  const order = new Map(bars.map((bar, index) => [bar.node.node_id, index]));
  const rows = [...nodes].sort(
    (one, other) => (order.get(one.node_id) ?? nodes.length) - (order.get(other.node_id) ?? nodes.length),
  );
  return (
    <Card>
      <table className={styles.table}>
        <thead>
          <tr>
            <th className={styles.nodeName}>{text.execution.node}</th>
            <th className={styles.status}>{text.runs.status}</th>
            <th className={`${styles.number} ${styles.wide}`}>{text.execution.rowsIn}</th>
            <th className={styles.number}>{text.execution.rowsOut}</th>
            <th className={`${styles.number} ${styles.wide}`}>{text.execution.size}</th>
            <th className={styles.number}>{text.execution.duration}</th>
            <th className={styles.timeline} aria-label={text.execution.timeline}>
              <Ticks ticks={ticks} />
            </th>
            <th className={styles.menu} aria-label={text.run.more} />
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
                <td>
                  <NodeName node={node} label={labelOf(node.node_id)} onIterations={onIterations} />
                </td>
                <td>
                  <Status status={statusOf(node)} />
                </td>
                <td
                  className={`${styles.number} ${styles.wide} numbers`}
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
                <td className={`${styles.number} numbers`} title={rateText(node, now)}>
                  {tookText(node, now)}
                </td>
                <td className={styles.timeline}>
                  <Lane bar={bar} status={statusOf(node)} />
                </td>
                <td className={styles.menu}>
                  <NodeMenu
                    node={node.node_id}
                    label={labelOf(node.node_id)}
                    canvas={canvas}
                    onFromHere={onFromHere}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}
