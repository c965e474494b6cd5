import { useReactFlow, useStore } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import { NODE_HEIGHT, NODE_WIDTH } from "~/graph/layout";
import { text } from "~/text";
import type { CanvasNode } from "./canvasNodes";
import styles from "./OverviewMap.module.css";

const WIDTH = 160;
const HEIGHT = 100;
const MARGIN = 8;

interface Frame {
  scale: number;
  /** Where the canvas' origin lies on the map. */
  x: number;
  y: number;
}

const sizeOf = ({ width, height }: CanvasNode) => ({
  width: width ?? NODE_WIDTH,
  height: height ?? NODE_HEIGHT,
});

function frameOf(nodes: readonly CanvasNode[]): Frame {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const node of nodes) {
    const { width, height } = sizeOf(node);
    left = Math.min(left, node.position.x);
    top = Math.min(top, node.position.y);
    right = Math.max(right, node.position.x + width);
    bottom = Math.max(bottom, node.position.y + height);
  }
  const scale = Math.min((WIDTH - 2 * MARGIN) / (right - left), (HEIGHT - 2 * MARGIN) / (bottom - top));
  return {
    scale,
    x: (WIDTH - (right - left) * scale) / 2 - left * scale,
    y: (HEIGHT - (bottom - top) * scale) / 2 - top * scale,
  };
}

const colourOf = (node: CanvasNode): string | null => {
  if (node.type === "note") return null;
  const status = node.data.state?.status;
  return status && status !== "pending" ? `--status-${status}` : "--line-strong";
};

function paint(canvas: HTMLCanvasElement, nodes: readonly CanvasNode[], frame: Frame): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const density = window.devicePixelRatio || 1;
  canvas.width = WIDTH * density;
  canvas.height = HEIGHT * density;
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  const colours = new Map<string, string>();
  for (const node of nodes) {
    const name = colourOf(node);
    if (name === null) continue;
    const colour = colours.get(name) ?? style.getPropertyValue(name);
    colours.set(name, colour);
    const { width, height } = sizeOf(node);
    context.fillStyle = colour;
    context.fillRect(
      node.position.x * frame.scale + frame.x,
      node.position.y * frame.scale + frame.y,
      Math.max(1.5, width * frame.scale),
      Math.max(1.5, height * frame.scale),
    );
  }
}

/** The part of the graph that is seen: all that changes while one moves. */
function Seen({ frame }: { frame: Frame }) {
  const [x, y, zoom] = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const { scale } = frame;
  return (
    <div
      className={styles.seen}
      style={{
        transform: `translate(${(-x / zoom) * scale + frame.x}px, ${(-y / zoom) * scale + frame.y}px)`,
        width: (width / zoom) * scale,
        height: (height / zoom) * scale,
      }}
    />
  );
}

/** The whole graph, small; where one presses is what one sees. It is painted anew only when nodes change. */
export function OverviewMap({ nodes, scheme }: { nodes: readonly CanvasNode[]; scheme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { setCenter, getZoom } = useReactFlow();
  const frame = useMemo(() => frameOf(nodes), [nodes]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are another theme's
  useEffect(() => {
    if (canvas.current) paint(canvas.current, nodes, frame);
  }, [nodes, frame, scheme]);

  function look(event: PointerEvent<HTMLDivElement>) {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.getBoundingClientRect();
    void setCenter(
      (event.clientX - box.x - frame.x) / frame.scale,
      (event.clientY - box.y - frame.y) / frame.scale,
      { zoom: getZoom() },
    );
  }

  return (
    <div
      className={styles.map}
      role="img"
      aria-label={text.editor.canvas.map}
      onPointerDown={look}
      onPointerMove={look}
      data-testid="overview-map"
    >
      <canvas ref={canvas} className={styles.painted} />
      <Seen frame={frame} />
    </div>
  );
}
