/**
 * What the canvas is measured beside: a graph as React Flow's own stress example draws it, its plain nodes in a
 * grid, each joined to the one before it, with as many nodes as our canvas has. `?nodes=1000`.
 */
import "@xyflow/react/dist/style.css";
import { Background, Controls, type Edge, type Node, ReactFlow, useEdgesState, useNodesState } from "@xyflow/react";
import { createRoot } from "react-dom/client";

const COLUMNS = 25;
const wanted = Number(new URLSearchParams(window.location.search).get("nodes") ?? 1000);

const grid: Node[] = Array.from({ length: wanted }, (_, index) => ({
  id: String(index),
  position: { x: (index % COLUMNS) * 100, y: Math.floor(index / COLUMNS) * 50 },
  width: 50,
  height: 30,
  style: { width: 50, height: 30, fontSize: 11 },
  data: { label: `Node ${index}` },
}));
const chain: Edge[] = grid.slice(1).map(({ id }) => {
  const before = String(Number(id) - 1);
  return { id: `${before}-${id}`, source: before, target: id };
});

function Stress() {
  const [nodes, , onNodesChange] = useNodesState(grid);
  const [edges, , onEdgesChange] = useEdgesState(chain);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      minZoom={0.05}
      fitView
    >
      <Controls />
      <Background />
    </ReactFlow>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(<Stress />);
