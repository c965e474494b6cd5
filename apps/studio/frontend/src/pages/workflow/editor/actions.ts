import type { ReactFlowInstance } from "@xyflow/react";
import type { NodeTypeDoc } from "~/api/types";
import { type Diagram, type DiagramNode, type Position, readDiagram } from "~/graph/diagram";
import {
  align,
  type Box,
  boxOf,
  type Direction,
  distribute,
  nearest,
  nudge,
  type Side,
} from "~/graph/editing/arranging";
import { asText, copy, duplicate, paste, readClip } from "~/graph/editing/clipboard";
import {
  addNode,
  connect,
  freePlace,
  GRID,
  move,
  placeAfter,
  placeOf,
  remove,
  removeAndBridge,
} from "~/graph/editing/commands";
import { allowed, openInput, refusal, typeOf } from "~/graph/editing/connecting";
import type { Ends } from "~/graph/editing/naming";
import { addNote, group, notesOf } from "~/graph/editing/notes";
import { fittingPort } from "~/graph/editing/palette";
import { idOf, rawNodes } from "~/graph/editing/raw";
import { NODE_HEIGHT, NODE_WIDTH } from "~/graph/layout";
import { MARGINS } from "~/graph/opening";
import { portsByNode, portsOf } from "~/graph/ports";
import { text } from "~/text";
import type { Editor } from "./store";

/** The port an edge was pulled from. */
export interface Pulled {
  node: string;
  port: string;
  side: "output" | "input";
}

/** Where a new node is wanted. */
export interface Wish {
  /** On the canvas; where it is not said, behind the selected node or in the middle of the view. */
  at?: Position | undefined;
  pulled?: Pulled | undefined;
  /** Into an edge. */
  edge?: string | undefined;
}

export type Types = ReadonlyMap<string, NodeTypeDoc>;

const MOVE = { duration: 140 };
const { top, right, bottom, left } = MARGINS;
/** How the whole graph is brought into view. */
export const WHOLE = {
  padding: { top: `${top}px`, right: `${right}px`, bottom: `${bottom}px`, left: `${left}px` },
  maxZoom: 1,
} as const;

/** What can be done to the graph, by mouse, keyboard, palette or menu alike. */
export class Actions {
  /** Where the pointer is, in the window; null where it is not over the canvas. */
  pointer: Position | null = null;

  constructor(
    readonly editor: Editor,
    readonly types: Types,
    private readonly flow: ReactFlowInstance,
    private readonly canvas: () => HTMLElement | null,
  ) {}

  get diagram(): Diagram {
    return readDiagram(this.editor.diagram);
  }

  private get chosen(): ReadonlySet<string> {
    return this.editor.selection.nodes;
  }

  /** The one selected node. */
  private get single(): DiagramNode | null {
    const [id, ...more] = this.chosen;
    return more.length > 0 ? null : (this.diagram.nodes.find((node) => node.id === id) ?? null);
  }

  /** The middle of what is seen. */
  private middle(): Position {
    const box = this.canvas()?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    const { x, y } = this.flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
    return { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
  }

  add(type: NodeTypeDoc, { at, pulled, edge }: Wish = {}): void {
    const { diagram: drawn } = this;
    const into = edge === undefined ? undefined : drawn.edges.find(({ id }) => id === edge);
    let from = pulled;
    if (at === undefined && from === undefined && into === undefined && this.single) {
      const port = portsOf(this.single, [], typeOf(this.single, this.types)).outputs[0];
      if (port && fittingPort(type, "output") !== null)
        from = { node: this.single.id, port: port.name, side: "output" };
    }
    this.editor.change({ what: text.editor.did.add(type.label) }, (raw) => {
      const after = from?.side === "output" ? placeAfter(raw, from.node) : null;
      const wished = at ?? after ?? freePlace(raw, this.middle());
      const { diagram, id } = addNode(raw, type, wished);
      if (into) {
        const [input, output] = [fittingPort(type, "output"), fittingPort(type, "input")];
        let made = remove(diagram, new Set(), new Set([into.id]));
        if (input !== null) made = connect(made, { ...into, target: id, targetHandle: input });
        if (output !== null) made = connect(made, { ...into, source: id, sourceHandle: output });
        return made;
      }
      if (!from) return diagram;
      const own = fittingPort(type, from.side);
      if (own === null) return diagram;
      const ends: Ends =
        from.side === "output"
          ? { source: from.node, sourceHandle: from.port, target: id, targetHandle: own }
          : { source: id, sourceHandle: own, target: from.node, targetHandle: from.port };
      const why = refusal(readDiagram(diagram), ends, this.types);
      return allowed(why) ? connect(diagram, ends, why === "taken") : diagram;
    });
    const added = idOf(rawNodes(this.editor.diagram).at(-1));
    if (added !== null) this.editor.select([added]);
  }

  canConnect(ends: Ends): boolean {
    return allowed(refusal(this.diagram, ends, this.types));
  }

  connect(ends: Ends): void {
    const why = refusal(this.diagram, ends, this.types);
    if (!allowed(why)) return;
    this.editor.change({ what: text.editor.did.connect }, (raw) => connect(raw, ends, why === "taken"));
  }

  /** An edge that was dropped on a node: to the first input that is free. */
  connectToNode(pulled: Pulled, id: string): void {
    const node = this.diagram.nodes.find((each) => each.id === id);
    if (!node) return;
    if (pulled.side === "output") {
      const port = openInput(this.diagram, node, this.types);
      if (port !== null)
        this.connect({ source: pulled.node, sourceHandle: pulled.port, target: id, targetHandle: port });
      return;
    }
    const port = portsOf(node, [], typeOf(node, this.types)).outputs[0];
    if (port)
      this.connect({ source: id, sourceHandle: port.name, target: pulled.node, targetHandle: pulled.port });
  }

  reconnect(edge: string, ends: Ends): void {
    this.editor.change({ what: text.editor.did.connect }, (raw) => {
      const without = remove(raw, new Set(), new Set([edge]));
      const why = refusal(readDiagram(without), ends, this.types);
      return allowed(why) ? connect(without, ends, why === "taken") : raw;
    });
  }

  remove(): void {
    const { nodes, edges } = this.editor.selection;
    this.editor.change({ what: text.editor.did.remove }, (raw) => remove(raw, nodes, edges));
  }

  /** Delete and close the gap. */
  removeAndBridge(): void {
    this.editor.change({ what: text.editor.did.remove }, (raw) => removeAndBridge(raw, this.chosen));
  }

  selectAll(): void {
    const { nodes } = this.diagram;
    this.editor.select([...nodes, ...notesOf(this.editor.diagram)].map(({ id }) => id));
  }

  copied(): string | null {
    const clip = copy(this.editor.diagram, this.chosen);
    return clip && asText(clip);
  }

  /** Whether the text was a diagram. */
  paste(written: string, at: Position | null): boolean {
    const clip = readClip(written);
    if (clip === null || this.editor.readOnly) return false;
    const { diagram, ids } = paste(this.editor.diagram, clip, at);
    this.editor.change({ what: text.editor.did.paste, select: ids }, () => diagram);
    return true;
  }

  duplicate(): void {
    const { diagram, ids } = duplicate(this.editor.diagram, this.chosen);
    if (ids.size > 0) this.editor.change({ what: text.editor.did.duplicate, select: ids }, () => diagram);
  }

  /** Boxes of nodes and notes; all of them, or the selected ones. */
  boxes(only?: ReadonlySet<string>): Box[] {
    const nodes = this.diagram.nodes.flatMap(({ id, position }) => (position ? [boxOf(id, position)] : []));
    const notes = notesOf(this.editor.diagram).map(({ id, position, width, height }) =>
      boxOf(id, position, width, height),
    );
    return [...nodes, ...notes].filter(({ id }) => only === undefined || only.has(id));
  }

  align(side: Side): void {
    const places = align(this.boxes(this.chosen), side);
    this.editor.change({ what: text.editor.did.align }, (raw) => move(raw, places));
  }

  distribute(along: "x" | "y"): void {
    const places = distribute(this.boxes(this.chosen), along);
    this.editor.change({ what: text.editor.did.align }, (raw) => move(raw, places));
  }

  nudge(direction: Direction): void {
    const by = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[direction] as [number, number];
    const places = nudge(this.boxes(this.chosen), { x: by[0] * GRID, y: by[1] * GRID });
    this.editor.change({ what: text.editor.did.move, key: "nudge" }, (raw) => move(raw, places));
  }

  moveTo(places: ReadonlyMap<string, Position>): void {
    this.editor.change({ what: text.editor.did.move }, (raw) => move(raw, places));
  }

  /** Select the next node in a direction; the first one where none is selected. */
  walk(direction: Direction): void {
    const boxes = this.boxes();
    const from = boxes.find(({ id }) => this.chosen.has(id));
    const to = from ? nearest(boxes, from, direction) : boxes[0];
    if (to) this.editor.select([to.id]);
  }

  addNote(at?: Position): void {
    const place = at ?? this.middle();
    const { diagram, id } = addNote(this.editor.diagram, place);
    this.editor.change({ what: text.editor.did.note, select: [id] }, () => diagram);
  }

  group(): void {
    const made = group(this.editor.diagram, this.chosen, text.editor.groupTitle);
    if (made) this.editor.change({ what: text.editor.did.group, select: [made.id] }, () => made.diagram);
  }

  /** Lay out what is selected, or everything; where less than two nodes are selected, everything. */
  async tidy(): Promise<void> {
    const { layOut } = await import("./layOut");
    const { nodes, edges } = this.diagram;
    const some = nodes.filter(({ id }) => this.chosen.has(id));
    const meant = some.length > 1 ? some : nodes;
    if (meant.length === 0) return;
    const corner = {
      x: Math.min(...meant.map(({ position }) => position?.x ?? 0)),
      y: Math.min(...meant.map(({ position }) => position?.y ?? 0)),
    };
    const ports = portsByNode(meant, edges, (node) => typeOf(node, this.types));
    const places = await layOut(meant, edges, ports, some.length > 1 ? corner : { x: 0, y: 0 });
    this.editor.change({ what: text.editor.did.tidy }, (raw) => move(raw, places));
    window.setTimeout(() => this.fit(), 30);
  }

  fit(): void {
    void this.flow.fitView({ ...WHOLE, ...MOVE });
  }

  fitSelection(): void {
    const nodes = [...this.chosen].map((id) => ({ id }));
    if (nodes.length > 0) void this.flow.fitView({ nodes, padding: 0.3, maxZoom: 1.25, ...MOVE });
  }

  zoom(by: 1 | -1): void {
    void (by > 0 ? this.flow.zoomIn(MOVE) : this.flow.zoomOut(MOVE));
  }

  actualSize(): void {
    void this.flow.zoomTo(1, MOVE);
  }

  /** Select a node and bring it into the middle. */
  goTo(id: string): void {
    const place = placeOf(rawNodes(this.editor.diagram).find((node) => idOf(node) === id));
    this.editor.select([id]);
    if (place) {
      void this.flow.setCenter(place.x + NODE_WIDTH / 2, place.y + NODE_HEIGHT / 2, { zoom: 1, ...MOVE });
    }
  }

  toCanvas(point: Position): Position {
    return this.flow.screenToFlowPosition(point);
  }
}
