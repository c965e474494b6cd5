import { HoverCard } from "@mantine/core";
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Columns3 } from "lucide-react";
import { memo } from "react";
import type { DrawnEdgeData } from "~/graph/drawing";
import { ColumnList } from "~/parts/ColumnList";
import { text } from "~/text";
import styles from "./DataEdge.module.css";

const PORT_NAME_WIDTH = 28;

/** One edge: how many columns travel along it, and which when one looks closer. */
export const DataEdge = memo(function DataEdge(props: EdgeProps<Edge<DrawnEdgeData, "uzo">>) {
  const {
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    data,
    sourceHandleId,
    targetHandleId,
  } = props;
  const [path, x, y] = getBezierPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    curvature: 0.3,
  });
  const columns = data?.columns ?? null;
  // Make room for the name that stands beside the target's port.
  const aside = targetHandleId && targetHandleId !== "input" ? PORT_NAME_WIDTH / 2 : 0;
  return (
    <>
      <BaseEdge
        path={path}
        className={styles.edge ?? ""}
        data-flowing={data?.flowing}
        data-kind={sourceHandleId === "error" ? "error" : "data"}
      />
      {columns && (
        <EdgeLabelRenderer>
          <HoverCard openDelay={120} closeDelay={80} position="bottom" shadow="md" width={280} withinPortal>
            <HoverCard.Target>
              <button
                type="button"
                className={`${styles.pill} numbers nodrag nopan`}
                style={{ transform: `translate(-50%, -50%) translate(${x - aside}px, ${y}px)` }}
                aria-label={columns.dynamic ? text.node.dynamic : text.edge.columns(columns.columns.length)}
              >
                <Columns3 size={11} aria-hidden />
                {columns.dynamic ? "?" : columns.columns.length}
              </button>
            </HoverCard.Target>
            <HoverCard.Dropdown p="xs">
              <ColumnList columns={columns} most={16} />
            </HoverCard.Dropdown>
          </HoverCard>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
