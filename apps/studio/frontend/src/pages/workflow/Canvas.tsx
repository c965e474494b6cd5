import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  Controls,
  type FinalConnectionState,
  type Node,
  type NodeChange,
  ReactFlow,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import {
  type DragEvent,
  type PointerEvent,
  type MouseEvent as ReactMouseEvent,
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import type { ProblemOfNode } from "~/api/types";
import { type Detail, detailAt, MANY, whileMoving } from "~/graph/detail";
import type { Diagram, DiagramNode, Position } from "~/graph/diagram";
import { type DrawnEdge, drawEdges, drawNodes, redrawEdges } from "~/graph/drawing";
import { GRID } from "~/graph/editing/commands";
import { typeOf } from "~/graph/editing/connecting";
import type { Ends } from "~/graph/editing/naming";
import { inside, notesOf } from "~/graph/editing/notes";
import type { ExecutionState } from "~/graph/execution";
import { NODE_HEIGHT, NODE_WIDTH } from "~/graph/layout";
import type { Schema } from "~/graph/schema";
import { text } from "~/text";
import styles from "./Canvas.module.css";
import { CanvasActions, CanvasDetail, type CanvasDoing } from "./canvasActions";
import { type CanvasEdge, type CanvasNode, drawNotes, mergeNodes, selectedAfter } from "./canvasNodes";
import { useWorkflowView } from "./context";
import { DataEdge } from "./DataEdge";
import { EdgeLines } from "./EdgeLines";
import { type Actions, WHOLE, type Wish } from "./editor/actions";
import type { MenuKind } from "./editor/menus";
import { DRAGGED } from "./editor/Palette";
import { useEditor, useEditorState } from "./editor/useEditor";
import { NodeCard } from "./NodeCard";
import { NodeShapes } from "./NodeShapes";
import { NoteCard } from "./NoteCard";
import { OverviewMap } from "./OverviewMap";
import { LEAST_ZOOM, useOpeningView } from "./useOpeningView";

const NODE_TYPES = { uzo: NodeCard, note: NoteCard };
const EDGE_TYPES = { uzo: DataEdge };
const NO_EDGES: CanvasEdge[] = [];
/** So many nodes of a large graph are there at first, and so many more in each turn: the page answers in between. */
const FIRST = 20;
const AT_ONCE = 100;
/** Below this zoom small print is left out and names grow. */
const FAR = 0.72;
/** Milliseconds without a movement after which everything is drawn again. */
const REST = 160;
/** Room round a node that is brought into view. */
const MARGIN = 16;
const MULTI = ["Shift", "Meta", "Control"];

export interface CanvasProps {
  actions: Actions;
  diagram: Diagram;
  schema: Schema;
  problems: readonly ProblemOfNode[];
  execution: ExecutionState | undefined;
  /** Asks which node to add; `screen` is where the list of choices opens. */
  askToAdd: (wish: Wish, screen: Position) => void;
  onOpen: () => void;
  onMenu: (kind: MenuKind, screen: Position) => void;
}

/**
 * How much is drawn. While the graph moves it is a picture of its own, which is shifted and not painted anew in
 * each frame, and nothing is added to it.
 */
function useDetail(nodes: number) {
  const moving = useRef(false);
  const held = useRef<Detail>("full");
  const rest = useRef(0);
  const [, settle] = useReducer((times: number) => times + 1, 0);
  // Drawn anew only where less is enough: what waits for the end of a movement is no reason.
  const detail = useStore((state) => {
    const wanted = detailAt(state.transform[2], nodes);
    return moving.current ? whileMoving(held.current, wanted) : wanted;
  });
  held.current = detail;
  useEffect(() => () => window.clearTimeout(rest.current), []);
  const moves = useMemo(() => {
    const move = (on: boolean) => {
      moving.current = on;
      const viewport = document.querySelector<HTMLElement>(".react-flow__viewport");
      if (viewport) viewport.style.willChange = on ? "transform" : "";
      if (!on) settle();
    };
    return {
      start: () => {
        window.clearTimeout(rest.current);
        if (!moving.current) move(true);
      },
      // A wheel's turns are many short movements: drawing in full between two of them would make each stumble.
      stop: () => {
        window.clearTimeout(rest.current);
        rest.current = window.setTimeout(() => move(false), REST);
      },
    };
  }, []);
  return { detail, ...moves };
}

/** How many nodes are there yet. Of a large graph not all at once, which would hold the page for seconds. */
function useArriving(all: number): number {
  const [arrived, setArrived] = useState(all > MANY ? FIRST : Infinity);
  useEffect(() => {
    if (arrived === Infinity) return;
    // After the next frame: what is there is seen before there is more.
    let turn: number | undefined;
    const frame = window.requestAnimationFrame(() => {
      turn = window.setTimeout(() => setArrived(arrived < all ? arrived + AT_ONCE : Infinity));
    });
    return () => {
      window.cancelAnimationFrame(frame);
      window.clearTimeout(turn);
    };
  }, [arrived, all]);
  return arrived;
}

const pointOf = (event: MouseEvent | TouchEvent): Position => {
  const touch = "changedTouches" in event ? event.changedTouches[0] : event;
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
};

const endsOf = ({ source, target, sourceHandle, targetHandle }: Connection): Ends => ({
  source,
  target,
  sourceHandle: sourceHandle ?? "output",
  targetHandle: targetHandle ?? "input",
});

/** Nodes and notes of the diagram in React Flow's hands: it moves them, the diagram learns where they came to lie. */
function useCanvasNodes({ actions, diagram, execution, problems }: CanvasProps) {
  const editor = useEditor();
  const selected = useEditorState((state) => state.selection.nodes);
  const raw = useEditorState((state) => state.history.present.value);
  const editing = !editor.readOnly;
  const { types } = actions;
  const drawn = useMemo(() => {
    const known = editing ? (node: DiagramNode) => typeOf(node, types) : undefined;
    return drawNodes(diagram, execution, problems, { editing, ...(known && { typeOf: known }) });
  }, [diagram, execution, problems, editing, types]);
  const notes = useMemo(() => drawNotes(notesOf(raw)), [raw]);
  const [nodes, setNodes] = useState<CanvasNode[]>(() => mergeNodes([], drawn, notes, selected));
  useEffect(() => setNodes((known) => mergeNodes(known, drawn, notes, selected)), [drawn, notes, selected]);
  return { nodes, setNodes, drawn };
}

function useCanvasEdges({ diagram, schema, execution }: CanvasProps): CanvasEdge[] {
  const selected = useEditorState((state) => state.selection.edges);
  const before = useRef<DrawnEdge[]>([]);
  return useMemo(() => {
    before.current = redrawEdges(before.current, drawEdges(diagram, schema, execution));
    if (selected.size === 0) return before.current as CanvasEdge[];
    return before.current.map((edge) => (selected.has(edge.id) ? { ...edge, selected: true } : edge));
  }, [diagram, schema, execution, selected]);
}

/** What moved by dragging a frame moves with it: everything that lay inside when the drag began. */
function useDragging(
  { actions }: CanvasProps,
  setNodes: (change: (known: CanvasNode[]) => CanvasNode[]) => void,
) {
  const editor = useEditor();
  const carried = useRef<{ from: Position; places: Map<string, Position> } | null>(null);

  const start = (_: unknown, node: Node, dragged: Node[]) => {
    const frame = notesOf(editor.diagram).find(({ id, kind }) => id === node.id && kind === "group");
    const own = new Set(dragged.map(({ id }) => id));
    const ids = frame ? [...inside(editor.diagram, frame)].filter((id) => !own.has(id)) : [];
    const boxes = new Map(actions.boxes().map(({ id, x, y }) => [id, { x, y }]));
    const places = new Map(
      ids.flatMap((id) => (boxes.has(id) ? [[id, boxes.get(id) as Position] as const] : [])),
    );
    carried.current = ids.length > 0 ? { from: { ...node.position }, places } : null;
  };
  const carriedTo = (node: Node): Map<string, Position> => {
    const { from, places } = carried.current ?? { from: node.position, places: new Map<string, Position>() };
    const [dx, dy] = [node.position.x - from.x, node.position.y - from.y];
    return new Map([...places].map(([id, { x, y }]) => [id, { x: x + dx, y: y + dy }]));
  };
  const drag = (_: unknown, node: Node) => {
    if (carried.current === null) return;
    const places = carriedTo(node);
    setNodes((known) =>
      known.map((each) =>
        places.has(each.id) ? { ...each, position: places.get(each.id) as Position } : each,
      ),
    );
  };
  const stop = (_: unknown, node: Node, dragged: Node[]) => {
    const places = carriedTo(node);
    for (const { id, position } of dragged) places.set(id, { x: position.x, y: position.y });
    carried.current = null;
    actions.moveTo(places);
  };
  return { start, drag, stop };
}

/** The graph. */
export function Canvas(props: CanvasProps) {
  const { actions, diagram, askToAdd, onOpen, onMenu } = props;
  const editor = useEditor();
  const editable = !editor.readOnly;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const far = useStore((state) => state.transform[2] < FAR);
  const motion = useDetail(diagram.nodes.length);
  const { detail } = motion;
  const { nodes, setNodes, drawn } = useCanvasNodes(props);
  const edges = useCanvasEdges(props);
  const arrived = useArriving(nodes.length);
  const arriving = arrived < nodes.length;
  const there = useMemo(() => (arriving ? nodes.slice(0, arrived) : nodes), [nodes, arrived, arriving]);
  const placed = useOpeningView(nodes, useWorkflowView().past !== null);
  const dragging = useDragging(props, setNodes);
  const selected = useEditorState((state) => state.selection.nodes);

  // A panel that opens must not hide the node it is about.
  const only = selected.size === 1 ? [...selected][0] : undefined;
  const place = drawn.find((node) => node.id === only)?.position;
  const { x, y } = place ?? {};
  useEffect(() => {
    if (x === undefined || y === undefined || width === 0) return;
    const view = getViewport();
    const shift = (from: number, size: number, room: number) =>
      from < MARGIN ? MARGIN - from : Math.min(0, room - MARGIN - (from + size));
    const dx = shift(x * view.zoom + view.x, NODE_WIDTH * view.zoom, width);
    const dy = shift(y * view.zoom + view.y, NODE_HEIGHT * view.zoom, height);
    // As little as it takes: what one looks at stays where it was.
    if (dx !== 0 || dy !== 0) {
      void setViewport({ x: view.x + dx, y: view.y + dy, zoom: view.zoom }, { duration: 140 });
    }
  }, [x, y, width, height, getViewport, setViewport]);

  const changeNodes = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      setNodes((known) => applyNodeChanges(changes, known));
      const chosen = selectedAfter(editor.selection.nodes, changes);
      if (chosen !== null) editor.select(chosen, editor.selection.edges);
    },
    [editor, setNodes],
  );

  function pulledIntoTheVoid(event: MouseEvent | TouchEvent, state: FinalConnectionState) {
    if (!editable || state.isValid || state.fromHandle === null || state.fromNode === null) return;
    const pulled = {
      node: state.fromNode.id,
      port: state.fromHandle.id ?? "output",
      side: state.fromHandle.type === "source" ? ("output" as const) : ("input" as const),
    };
    const point = pointOf(event);
    const under = document.elementFromPoint(point.x, point.y)?.closest<HTMLElement>(".react-flow__node");
    if (under?.dataset.id && under.dataset.id !== pulled.node) {
      actions.connectToNode(pulled, under.dataset.id);
      return;
    }
    if (under || state.toHandle) return;
    const at = actions.toCanvas(point);
    const corner = { x: pulled.side === "output" ? at.x : at.x - NODE_WIDTH, y: at.y - NODE_HEIGHT / 2 };
    askToAdd({ at: corner, pulled }, point);
  }

  function drop(event: DragEvent) {
    const type = actions.types.get(event.dataTransfer.getData(DRAGGED));
    if (!type || !editable) return;
    event.preventDefault();
    const at = actions.toCanvas({ x: event.clientX, y: event.clientY });
    actions.add(type, { at: { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 } });
  }

  /** A right click selects what it is on, unless that is selected already. */
  function menuOf(event: MouseEvent | ReactMouseEvent, node: string | null, edge: string | null = null) {
    event.preventDefault();
    const { nodes: chosen } = editor.selection;
    const several = node !== null && chosen.has(node) && chosen.size > 1;
    if (!several) editor.select(node === null ? [] : [node], edge === null ? [] : [edge]);
    const kind = several ? "selection" : node !== null ? "node" : edge !== null ? "edge" : "canvas";
    onMenu(kind, { x: event.clientX, y: event.clientY });
  }

  const doing = useMemo<CanvasDoing>(
    () => ({
      insert: editable
        ? (edge, screen) =>
            askToAdd({ edge, at: actions.toCanvas({ x: screen.x - 60, y: screen.y - 30 }) }, screen)
        : null,
    }),
    [actions, askToAdd, editable],
  );

  return (
    <CanvasActions value={doing}>
      <CanvasDetail value={detail}>
        <ReactFlow<CanvasNode, CanvasEdge>
          className={styles.canvas ?? ""}
          data-far={far}
          data-placed={placed}
          data-editable={editable}
          aria-label={text.workflow.canvas}
          nodes={there}
          edges={detail === "full" && !arriving ? edges : NO_EDGES}
          onMoveStart={motion.start}
          onMoveEnd={motion.stop}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={changeNodes}
          onEdgeClick={(event, edge) =>
            editor.select(event.shiftKey ? editor.selection.nodes : [], [edge.id])
          }
          onPaneClick={() => editor.select([])}
          onNodeContextMenu={(event, node) => menuOf(event, node.id)}
          onEdgeContextMenu={(event, edge) => menuOf(event, null, edge.id)}
          onSelectionContextMenu={(event, [first]) => menuOf(event, first?.id ?? null)}
          onPaneContextMenu={(event) => menuOf(event, null)}
          onNodeDoubleClick={onOpen}
          onNodeDragStart={dragging.start}
          onNodeDrag={dragging.drag}
          onNodeDragStop={dragging.stop}
          onSelectionDragStop={(_, dragged) =>
            actions.moveTo(new Map(dragged.map(({ id, position }) => [id, { x: position.x, y: position.y }])))
          }
          onConnect={(connection) => actions.connect(endsOf(connection))}
          onConnectEnd={pulledIntoTheVoid}
          onReconnect={(edge, connection) => actions.reconnect(edge.id, endsOf(connection))}
          isValidConnection={(connection) => actions.canConnect(endsOf(connection as Connection))}
          onDragOver={(event: DragEvent) => {
            if (editable && event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
          }}
          onDrop={drop}
          onPointerMove={(event: PointerEvent) => {
            actions.pointer = { x: event.clientX, y: event.clientY };
          }}
          onPointerLeave={() => {
            actions.pointer = null;
          }}
          colorMode={scheme}
          nodesDraggable={editable}
          nodesConnectable={editable}
          edgesReconnectable={editable}
          edgesFocusable={false}
          elementsSelectable
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={MULTI}
          zoomOnDoubleClick={false}
          snapToGrid
          snapGrid={[GRID, GRID]}
          connectionRadius={28}
          elevateNodesOnSelect={false}
          onlyRenderVisibleElements={diagram.nodes.length > MANY && detail !== "shape"}
          minZoom={LEAST_ZOOM}
          maxZoom={2}
          proOptions={{ hideAttribution: true }}
        >
          {detail === "full" && (
            <Background variant={BackgroundVariant.Dots} gap={20} size={1.25} color="var(--line-strong)" />
          )}
          {(detail !== "full" || arriving) && <EdgeLines nodes={nodes} edges={edges} />}
          {arriving && <NodeShapes nodes={nodes} />}
          <Controls
            showInteractive={false}
            position="bottom-left"
            fitViewOptions={{ ...WHOLE, duration: 140 }}
          />
          {diagram.nodes.length > 1 && <OverviewMap nodes={nodes} scheme={scheme} />}
        </ReactFlow>
      </CanvasDetail>
    </CanvasActions>
  );
}
