import { ViewportPortal } from "@xyflow/react";
import { memo, useMemo } from "react";
import { nodeShapes } from "~/graph/shapes";
import type { CanvasNode } from "./canvasNodes";
import lines from "./DataEdge.module.css";
import styles from "./NodeCard.module.css";

/** All nodes as a handful of paths, where those to come will lie. */
export const NodeShapes = memo(function NodeShapes({ nodes }: { nodes: readonly CanvasNode[] }) {
  const shapes = useMemo(() => {
    const cards = nodes.flatMap((node) => (node.type === "uzo" ? [node] : []));
    return nodeShapes(cards, ({ data }) => data.node.data.nodeType);
  }, [nodes]);
  return (
    <ViewportPortal>
      <svg className={lines.lines} aria-hidden>
        {[...shapes].map(([category, path]) => (
          <path key={category} d={path} className={styles.shape} data-category={category} />
        ))}
      </svg>
    </ViewportPortal>
  );
});
