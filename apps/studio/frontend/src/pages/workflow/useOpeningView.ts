import { useReactFlow, useStore } from "@xyflow/react";
import { useLayoutEffect, useState } from "react";
import { MANY } from "~/graph/detail";
import { MARGINS, openingView, READABLE } from "~/graph/opening";
import type { CanvasNode } from "./canvasNodes";

/** Zooms out no further, by hand neither. */
export const LEAST_ZOOM = 0.05;
/** Room for the notice that a past version is shown. */
const NOTICE = 52;

/** Brings the graph into view once the canvas knows its size; answers whether it did. */
export function useOpeningView(nodes: readonly CanvasNode[], notice: boolean): boolean {
  const { setViewport } = useReactFlow();
  const [placed, setPlaced] = useState(false);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const ready = useStore((state) => state.panZoom !== null);
  useLayoutEffect(() => {
    if (placed || !ready || width === 0 || height === 0) return;
    const boxes = nodes.map(({ position, width, height }) => ({
      ...position,
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
    }));
    const margins = { ...MARGINS, top: MARGINS.top + (notice ? NOTICE : 0) };
    const least = nodes.length > MANY ? LEAST_ZOOM : READABLE;
    void setViewport(openingView(boxes, { width, height }, least, margins));
    setPlaced(true);
  }, [placed, ready, width, height, nodes, notice, setViewport]);
  return placed;
}
