import { HoverCard } from "@mantine/core";
import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  getSmoothStepPath,
  Position,
} from "@xyflow/react";
import { Columns3, Plus } from "lucide-react";
import { memo, use } from "react";
import type { DrawnEdgeData } from "~/graph/drawing";
import { leadsBack, WAY_OUT } from "~/graph/handles";
import { ColumnList } from "~/parts/ColumnList";
import { text } from "~/text";
import { CanvasDoingContext } from "./canvasActions";
import styles from "./DataEdge.module.css";

/** So close to level that the pill would cover the name of the target's port. */
const NEAR = 48;
const BESIDE_SOURCE = 20;

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
    selected,
  } = props;
  const ends = { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition };
  const back = sourcePosition === Position.Right && leadsBack(sourceX, targetX);
  // A curve that leads back would run across the cards; this goes between the rows.
  const [path, x, y] = back
    ? getSmoothStepPath({ ...ends, borderRadius: 12, offset: WAY_OUT })
    : getBezierPath({ ...ends, curvature: 0.3 });
  const columns = data?.columns ?? null;
  const { insert } = use(CanvasDoingContext);
  // Make room for the name that stands beside the target's port.
  const named = !back && targetHandleId && targetHandleId !== "input";
  const tight = named && Math.abs(targetY - sourceY) < NEAR;
  const place = tight ? Math.min(x, sourceX + BESIDE_SOURCE) : x;
  return (
    <>
      <BaseEdge
        path={path}
        className={styles.edge ?? ""}
        data-flowing={data?.flowing}
        data-kind={sourceHandleId === "error" ? "error" : "data"}
        data-selected={selected}
      />
      {(columns || insert) && (
        <EdgeLabelRenderer>
          <div
            className={`${styles.middle} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${place}px, ${y}px)` }}
          >
            {columns && (
              <HoverCard
                openDelay={120}
                closeDelay={80}
                position="bottom"
                shadow="md"
                width={280}
                withinPortal
              >
                <HoverCard.Target>
                  <button
                    type="button"
                    className={`${styles.pill} numbers`}
                    aria-label={
                      columns.dynamic ? text.node.dynamic : text.edge.columns(columns.columns.length)
                    }
                  >
                    {!tight && <Columns3 size={11} aria-hidden />}
                    {columns.dynamic ? "?" : columns.columns.length}
                  </button>
                </HoverCard.Target>
                <HoverCard.Dropdown p="xs">
                  <ColumnList columns={columns} most={16} />
                </HoverCard.Dropdown>
              </HoverCard>
            )}
            {insert && (
              <button
                type="button"
                className={styles.insert}
                tabIndex={-1}
                data-alone={columns === null}
                data-selected={selected}
                aria-label={text.editor.canvas.insert}
                onClick={({ clientX, clientY }) => insert(props.id, { x: clientX, y: clientY })}
              >
                <Plus size={12} aria-hidden />
              </button>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
