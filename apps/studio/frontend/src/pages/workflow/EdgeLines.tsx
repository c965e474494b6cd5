import { ViewportPortal } from "@xyflow/react";
import { memo, useMemo } from "react";
import type { DiagramEdge } from "~/graph/diagram";
import { edgeLines, type HandlePlace } from "~/graph/handles";
import type { CanvasEdge, CanvasNode } from "./canvasNodes";
import styles from "./DataEdge.module.css";

interface Props {
  nodes: readonly CanvasNode[];
  edges: readonly CanvasEdge[];
}

/** All edges as a handful of paths, for graphs of many nodes seen from far away. */
export const EdgeLines = memo(function EdgeLines({ nodes, edges }: Props) {
  const lines = useMemo(() => {
    const byId = new Map(edges.map((edge) => [edge.id, edge]));
    const drawn = edges.flatMap(({ data }) => (data ? [data.edge] : []));
    const kind = ({ id, sourceHandle }: DiagramEdge) => {
      if (byId.get(id)?.selected) return "selected";
      if (byId.get(id)?.data?.flowing) return "flowing";
      return sourceHandle === "error" ? "error" : "data";
    };
    const placed = nodes.map(({ id, position, handles }) => ({
      id,
      position,
      handles: handles as HandlePlace[],
    }));
    return edgeLines(placed, drawn, kind);
  }, [nodes, edges]);
  return (
    <ViewportPortal>
      <svg className={styles.lines} aria-hidden>
        {[...lines].map(([kind, path]) => (
          <path
            key={kind}
            d={path}
            className={styles.edge}
            data-kind={kind}
            data-flowing={kind === "flowing"}
            data-selected={kind === "selected"}
          />
        ))}
      </svg>
    </ViewportPortal>
  );
});
