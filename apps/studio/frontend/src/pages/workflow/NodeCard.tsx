import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { Pencil } from "lucide-react";
import { type CSSProperties, Fragment, memo, use } from "react";
import { count, duration } from "~/format/numbers";
import { operationOf } from "~/graph/diagram";
import { type DrawnNodeData, severityOf, type Trouble } from "~/graph/drawing";
import { doneOf, type NodeState, rowsPerSecond } from "~/graph/execution";
import { asideInset, handlePlaces, portShare } from "~/graph/handles";
import type { Port, Ports } from "~/graph/ports";
import { summary } from "~/graph/summary";
import { nodeIcon } from "~/parts/icons";
import { StatusIcon } from "~/parts/Status";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import { CanvasDetail, CanvasMarks, CanvasPlan } from "./canvasActions";
import styles from "./NodeCard.module.css";

/** Bottom ports stand at fixed places from the right, so that nothing moves when one more shows. */
const asideAt = (index: number) => `calc(100% - ${asideInset(index)}px)`;

const place = (index: number, all: number) => `${portShare(index, all) * 100}%`;

/** The one port that needs no name beside it. */
const isPlain = (port: Port) => port.name === "input" || port.name === "output";

function PortHandles({ ports, side }: { ports: Port[]; side: "in" | "out" }) {
  const named = ports.length > 1 || ports.some((port) => !isPlain(port));
  return ports.map((port, index) => (
    <Fragment key={port.name}>
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
    </Fragment>
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
  const running = state.status === "running";
  const now = useNow(running);
  const rows = state.rows_out ?? (state.pushed_down ? null : state.rows_in);
  const rate = rowsPerSecond(state, now);
  const perSecond = rate === null ? "" : text.node.perSecond(rate);
  return (
    <div className={`${styles.figures} numbers`}>
      <span title={state.pushed_down && rows === null ? text.node.pushedDown : undefined}>
        {rows === null ? (state.pushed_down ? text.node.inSource : "") : text.node.rows(rows)}
      </span>
      <span title={perSecond || undefined}>
        {state.attempt > 1 && `${text.node.attempt(state.attempt)} · `}
        {running ? perSecond : state.duration_ms === null ? "" : duration(state.duration_ms)}
      </span>
    </div>
  );
}

function Done({ part }: { part: number }) {
  return (
    <span
      className={styles.done}
      role="progressbar"
      aria-label={text.status.running}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * part)}
      style={{ "--part": part } as CSSProperties}
    />
  );
}

/** Where handles are, for React Flow's measuring: from far away nothing can be seen of them or pulled. */
function Marks({ node, ports }: { node: string; ports: Ports }) {
  return handlePlaces(ports).map(({ id, type, position, x, y, width, height }) => (
    <i
      key={`${type}:${id}`}
      className={`react-flow__handle ${type} ${styles.mark}`}
      data-handleid={id}
      data-nodeid={node}
      data-handlepos={position}
      style={{ left: x, top: y, width, height }}
    />
  ));
}

/** How much is wrong with it, or left to fill in. */
function Badge({ trouble }: { trouble: Trouble }) {
  const severity = severityOf(trouble);
  const { errors, warnings, unfinished } = trouble;
  return (
    <span
      className={styles.trouble}
      data-severity={severity}
      title={
        severity === "unfinished"
          ? text.workflow.unfinished(unfinished)
          : text.workflow.problems(errors, warnings)
      }
    >
      {severity === "unfinished" ? <Pencil size={10} strokeWidth={2.5} /> : count(errors || warnings)}
    </span>
  );
}

type CardProps = NodeProps<Node<DrawnNodeData, "uzo">>;

/** One node of the canvas. */
export const NodeCard = memo(function NodeCard(props: CardProps) {
  const detail = use(CanvasDetail);
  return detail === "full" ? <FullCard {...props} /> : <DistantCard {...props} named={detail === "name"} />;
});

/** A node among many, from far away: its category, its status, and its name where that can be read. */
function DistantCard({
  data: { node, ports, state, trouble },
  selected,
  named,
}: CardProps & { named: boolean }) {
  return (
    <div
      className={styles.distant}
      data-category={node.data.nodeType}
      data-selected={selected}
      data-status={state?.status}
      data-trouble={trouble === null ? undefined : severityOf(trouble)}
      data-testid={`node-${node.id}`}
    >
      {named && node.data.label}
      <Marks node={node.id} ports={ports} />
    </div>
  );
}

/** What it is, what it does, how it fares in the run that is shown. */
function FullCard({ data, selected }: CardProps) {
  const { node, ports, state, trouble } = data;
  const category = node.data.nodeType;
  const Icon = nodeIcon(category, operationOf(node.data), node.data.icon);
  const line = summary(node.data);
  const mark = use(CanvasMarks).get(node.id);
  const part = use(CanvasPlan).get(node.id);
  const done = state ? doneOf(state) : null;
  return (
    <div
      className={styles.card}
      data-category={category}
      data-selected={selected}
      data-status={state?.status}
      data-mark={mark}
      data-testid={`node-${node.id}`}
      title={(mark && text.versions.marks[mark]) || node.data.description || undefined}
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
      {part && (
        <span className={styles.part} data-sql={part.inSql} title={text.plan.of(part)}>
          {text.plan.badge(part)}
        </span>
      )}
      {trouble && <Badge trouble={trouble} />}
      {done !== null && <Done part={done} />}
      {state && <Figures state={state} />}
      <PortHandles ports={ports.outputs} side="out" />
      <AsideHandles ports={ports.aside} />
    </div>
  );
}
