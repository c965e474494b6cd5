import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { count, duration } from "~/format/numbers";
import { operationOf } from "~/graph/diagram";
import type { DrawnNodeData } from "~/graph/drawing";
import type { NodeState } from "~/graph/execution";
import type { Port } from "~/graph/ports";
import { summary } from "~/graph/summary";
import { nodeIcon } from "~/parts/icons";
import { StatusIcon } from "~/parts/Status";
import { text } from "~/text";
import styles from "./NodeCard.module.css";

/** Bottom ports stand at fixed places from the right, so that nothing moves when one more shows. */
const asideAt = (index: number) => `calc(100% - ${28 + index * 28}px)`;

const place = (index: number, all: number) => `${((index + 1) / (all + 1)) * 100}%`;

/** The one port that needs no name beside it. */
const isPlain = (port: Port) => port.name === "input" || port.name === "output";

function PortHandles({ ports, side }: { ports: Port[]; side: "in" | "out" }) {
  const named = ports.length > 1 || ports.some((port) => !isPlain(port));
  return ports.map((port, index) => (
    <div key={port.name}>
      <Handle
        id={port.name}
        type={side === "in" ? "target" : "source"}
        position={side === "in" ? Position.Left : Position.Right}
        className={styles.handle ?? ""}
        data-kind={port.kind}
        style={{ top: place(index, ports.length) }}
      />
      {named && !isPlain(port) && (
        <span className={styles.port} data-side={side} style={{ top: place(index, ports.length) }}>
          {port.name}
        </span>
      )}
    </div>
  ));
}

function AsideHandles({ ports }: { ports: Port[] }) {
  return ports.map((port, index) => (
    <Handle
      key={port.name}
      id={port.name}
      type="source"
      position={Position.Bottom}
      className={`${styles.handle} ${styles.aside}`}
      data-kind={port.kind}
      title={text.editor.canvas.asideNames[port.name]}
      style={{ left: asideAt(index) }}
    />
  ));
}

function Figures({ state }: { state: NodeState }) {
  const rows = state.rows_out ?? state.rows_in;
  return (
    <div className={`${styles.figures} numbers`}>
      <span title={state.pushed_down && rows === null ? text.node.pushedDown : undefined}>
        {rows === null ? (state.pushed_down ? "⤒" : "") : text.node.rows(rows)}
      </span>
      <span>
        {state.attempt > 1 && `${text.node.attempt(state.attempt)} · `}
        {state.duration_ms === null ? "" : duration(state.duration_ms)}
      </span>
    </div>
  );
}

/** One node of the canvas: what it is, what it does, how it fares in the run that is shown. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<Node<DrawnNodeData, "uzo">>) {
  const { node, ports, state, trouble } = data;
  const category = node.data.nodeType;
  const Icon = nodeIcon(category, operationOf(node.data), node.data.icon);
  const line = summary(node.data);
  return (
    <div
      className={styles.card}
      data-category={category}
      data-selected={selected}
      data-status={state?.status}
      data-testid={`node-${node.id}`}
      title={node.data.description || undefined}
    >
      <PortHandles ports={ports.inputs} side="in" />
      <span className={styles.tile} aria-hidden>
        <Icon size={18} strokeWidth={1.75} />
      </span>
      <div className={styles.words}>
        <div className={styles.label}>{node.data.label}</div>
        <div className={styles.summary} title={line ?? undefined}>
          {line ?? category}
        </div>
      </div>
      <span className={styles.state}>
        {state && (
          <span
            role="img"
            aria-label={text.status[state.status]}
            title={state.error?.message ?? text.status[state.status]}
          >
            <StatusIcon status={state.status} />
          </span>
        )}
      </span>
      {trouble && (
        <span
          className={styles.trouble}
          data-severity={trouble.errors > 0 ? "error" : "warning"}
          title={text.workflow.problems(trouble.errors, trouble.warnings)}
        >
          {count(trouble.errors || trouble.warnings)}
        </span>
      )}
      {state && <Figures state={state} />}
      <PortHandles ports={ports.outputs} side="out" />
      <AsideHandles ports={ports.aside} />
    </div>
  );
});
