import { useMemo } from "react";
import type { DiagramNode } from "~/graph/diagram";
import { typeOf } from "~/graph/editing/connecting";
import { portsOf } from "~/graph/ports";
import { type Column, columnsIn } from "~/graph/schema";
import { useWorkflowView } from "../context";

export interface NodeInput {
  port: string;
  /** Known columns; null where only the data tells, or nothing is connected. */
  columns: readonly Column[] | null;
  /** Where its rows come from; null where several edges end there, or none. */
  source: { node: string; handle: string } | null;
}

/** The inputs of a node in their order. */
export function useInputs(node: DiagramNode): readonly NodeInput[] {
  const { diagram, schema, actions } = useWorkflowView();
  return useMemo(() => {
    const { inputs } = portsOf(node, diagram.edges, typeOf(node, actions.types));
    const arriving = columnsIn(schema, diagram.edges, node.id);
    return inputs.map(({ name }): NodeInput => {
      const here = arriving.filter(({ edge }) => edge.targetHandle === name);
      const [only] = here;
      const known = only?.columns;
      return {
        port: name,
        columns: known && !known.dynamic && known.columns.length > 0 ? known.columns : null,
        source: here.length === 1 && only ? { node: only.edge.source, handle: only.edge.sourceHandle } : null,
      };
    });
  }, [node, diagram.edges, schema, actions.types]);
}

/** Ports whose rows a sample of the node holds. */
export const isSampled = (handle: string): boolean => !["error", "quarantine"].includes(handle);
