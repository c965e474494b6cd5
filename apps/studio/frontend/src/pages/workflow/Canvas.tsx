import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  MiniMap,
  type Node,
  ReactFlow,
  useNodesState,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import type { ProblemOfNode } from "~/api/types";
import type { Diagram } from "~/graph/diagram";
import {
  type DrawnEdge,
  type DrawnEdgeData,
  type DrawnNodeData,
  drawEdges,
  drawNodes,
  redraw,
  redrawEdges,
} from "~/graph/drawing";
import type { ExecutionState } from "~/graph/execution";
import { NODE_HEIGHT, NODE_WIDTH } from "~/graph/layout";
import type { Schema } from "~/graph/schema";
import { text } from "~/text";
import styles from "./Canvas.module.css";
import { DataEdge } from "./DataEdge";
import { NodeCard } from "./NodeCard";

type CanvasNode = Node<DrawnNodeData, "uzo"> & {
  type: "uzo";
  width: number;
  height: number;
  ariaLabel: string;
};

const NODE_TYPES = { uzo: NodeCard };
const EDGE_TYPES = { uzo: DataEdge };
const MANY = 200;
/** Below this zoom small print is left out and names grow. */
const FAR = 0.72;

export interface CanvasProps {
  diagram: Diagram;
  schema: Schema;
  problems: readonly ProblemOfNode[];
  execution: ExecutionState | undefined;
  selected: string | null;
  onSelect: (node: string | null) => void;
}

function miniColour(node: Node): string {
  const status = (node.data as DrawnNodeData).state?.status;
  return status && status !== "pending" ? `var(--status-${status})` : "var(--line-strong)";
}

/** The graph. Read-only for now: nodes can be looked at, not moved. */
export function Canvas({ diagram, schema, problems, execution, selected, onSelect }: CanvasProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { fitView, getViewport, setCenter } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const far = useStore((state) => state.transform[2] < FAR);
  const drawn = useMemo(() => drawNodes(diagram, execution, problems), [diagram, execution, problems]);
  const [nodes, setNodes, onNodesChange] = useNodesState<CanvasNode>(drawn as CanvasNode[]);

  useEffect(() => {
    setNodes((known) =>
      redraw(known, drawn).map((node) =>
        (node.selected ?? false) === (node.id === selected)
          ? node
          : { ...node, selected: node.id === selected },
      ),
    );
  }, [drawn, selected, setNodes]);

  // A panel that opens must not hide the node it is about.
  const place = drawn.find((node) => node.id === selected)?.position;
  const { x, y } = place ?? {};
  useEffect(() => {
    if (x === undefined || y === undefined || width === 0) return;
    const view = getViewport();
    const [left, top] = [x * view.zoom + view.x, y * view.zoom + view.y];
    const [right, bottom] = [left + NODE_WIDTH * view.zoom, top + NODE_HEIGHT * view.zoom];
    if (left >= 0 && top >= 0 && right <= width && bottom <= height) return;
    void setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, { zoom: view.zoom, duration: 140 });
  }, [x, y, width, height, getViewport, setCenter]);

  const before = useRef<DrawnEdge[]>([]);
  const edges = useMemo(() => {
    before.current = redrawEdges(before.current, drawEdges(diagram, schema, execution));
    return before.current as Edge<DrawnEdgeData, "uzo">[];
  }, [diagram, schema, execution]);

  return (
    <ReactFlow<CanvasNode, Edge<DrawnEdgeData, "uzo">>
      className={styles.canvas ?? ""}
      data-far={far}
      aria-label={text.workflow.canvas}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onNodesChange={(changes) => {
        onNodesChange(changes);
        for (const change of changes) {
          if (change.type === "select" && change.selected) onSelect(change.id);
        }
      }}
      onPaneClick={() => onSelect(null)}
      onNodeDoubleClick={(_, node) =>
        void fitView({ nodes: [{ id: node.id }], maxZoom: 1.25, duration: 140 })
      }
      colorMode={scheme}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      elementsSelectable
      deleteKeyCode={null}
      multiSelectionKeyCode={null}
      selectionKeyCode={null}
      onlyRenderVisibleElements={diagram.nodes.length > MANY}
      minZoom={0.05}
      maxZoom={2}
      fitView
      fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
      proOptions={{ hideAttribution: true }}
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.25} color="var(--line-strong)" />
      <Controls
        showInteractive={false}
        position="bottom-left"
        fitViewOptions={{ padding: 0.12, maxZoom: 1, duration: 140 }}
      />
      {diagram.nodes.length > 1 && (
        <MiniMap
          position="bottom-right"
          pannable
          zoomable
          nodeColor={miniColour}
          nodeBorderRadius={12}
          nodeStrokeWidth={0}
          className={styles.minimap ?? ""}
          ariaLabel={null}
        />
      )}
    </ReactFlow>
  );
}
