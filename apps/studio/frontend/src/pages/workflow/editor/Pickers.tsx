import type { NodeTypeDoc } from "~/api/types";
import type { DiagramNode, Position } from "~/graph/diagram";
import { operationOf } from "~/graph/diagram";
import { targetsOf, typeOf } from "~/graph/editing/connecting";
import { fittingPort, keyOf, search } from "~/graph/editing/palette";
import { portsOf } from "~/graph/ports";
import { summary } from "~/graph/summary";
import { nodeIcon } from "~/parts/icons";
import { text } from "~/text";
import type { WorkflowView } from "../context";
import type { Wish } from "./actions";
import { type Choice, Picker } from "./Picker";
import type { Editor } from "./store";

export type Picking =
  | { kind: "add"; wish: Wish; at?: Position | undefined }
  | { kind: "find" }
  | { kind: "connect"; node: DiagramNode };

interface PickersProps {
  picking: Picking;
  view: WorkflowView;
  types: readonly NodeTypeDoc[];
  editor: Editor;
  onClose: () => void;
}

const icon = (category: string, operation: string | null, named: string | null) => {
  const Icon = nodeIcon(category, operation, named);
  return <Icon size={15} strokeWidth={1.75} />;
};

const nodeChoice = (node: DiagramNode): Choice => ({
  key: node.id,
  label: node.data.label,
  detail: summary(node.data) ?? node.data.nodeType,
  category: node.data.nodeType,
  icon: icon(node.data.nodeType, operationOf(node.data), node.data.icon),
});

/** Every word stands somewhere in what is known of the node. */
const matches = (node: DiagramNode, query: string) => {
  const all = `${node.id} ${node.data.label} ${JSON.stringify(node.data.config)}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
};

/** The lists to choose from: a node to add, to find, to connect to. */
export function Pickers({ picking, view, types, onClose }: PickersProps) {
  const { actions, diagram } = view;
  if (picking.kind === "add") {
    const { wish, at } = picking;
    const side = wish.edge !== undefined ? "output" : wish.pulled?.side;
    const fitting = side ? types.filter((type) => fittingPort(type, side) !== null) : types;
    return (
      <Picker<Choice & { type: NodeTypeDoc }>
        {...text.editor.add}
        at={at}
        choices={(query) =>
          search(fitting, query).map((type) => ({
            key: keyOf(type),
            label: type.label,
            detail: type.description,
            category: type.category,
            icon: icon(type.category, type.operation, type.icon),
            type,
          }))
        }
        onPick={({ type }) => {
          actions.add(type, wish);
          onClose();
        }}
        onClose={onClose}
      />
    );
  }
  if (picking.kind === "find") {
    return (
      <Picker
        {...text.editor.find}
        choices={(query) =>
          diagram.nodes
            .filter((node) => matches(node, query))
            .slice(0, 100)
            .map(nodeChoice)
        }
        onPick={({ key }) => {
          actions.goTo(key);
          onClose();
        }}
        onClose={onClose}
      />
    );
  }
  const { node } = picking;
  const { outputs, aside } = portsOf(node, diagram.edges, typeOf(node, actions.types));
  const ways = [...outputs, ...aside].flatMap(({ name }) =>
    targetsOf(diagram, node.id, name, actions.types).map(({ node: target, port, replaces }) => ({
      ...nodeChoice(target),
      key: `${name}>${target.id}:${port}`,
      label: port === "input" ? target.data.label : `${target.data.label} · ${port}`,
      detail: [
        name === outputs[0]?.name ? null : (text.editor.canvas.asideNames[name] ?? name),
        replaces ? text.editor.connectTo.replaces : null,
        summary(target.data),
      ]
        .filter(Boolean)
        .join(" · "),
      ends: { source: node.id, sourceHandle: name, target: target.id, targetHandle: port },
      target,
    })),
  );
  const words = text.editor.connectTo;
  return (
    <Picker
      title={words.title(node.data.label, "output")}
      placeholder={words.placeholder}
      none={words.none}
      choices={(query) =>
        ways.filter(
          ({ target, label }) => matches(target, query) || label.toLowerCase().includes(query.toLowerCase()),
        )
      }
      onPick={({ ends, target }) => {
        actions.connect(ends);
        actions.editor.select([target.id]);
        onClose();
      }}
      onClose={onClose}
    />
  );
}
