import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import * as queries from "~/api/queries";
import type { DiagramNode } from "~/graph/diagram";
import type { FunctionDoc, Known } from "~/graph/expressions/completion";
import { type Column, columnsIn } from "~/graph/schema";
import { useWorkflowView } from "../context";

const NO_FUNCTIONS: readonly FunctionDoc[] = [];

/** The columns a field of the node may name: those that arrive at a port, or at any; of the table that is read. */
export function useColumns(node: DiagramNode, port: string | null): readonly Column[] {
  const { schema, diagram } = useWorkflowView();
  const { connectorId, config } = node.data;
  const table = typeof config.table === "string" ? config.table : null;
  const reads = node.data.nodeType === "connector";
  const source = useQuery({
    ...queries.connectorSchema(connectorId ?? ""),
    enabled: reads && connectorId !== null && table !== null,
  });
  const tables = source.data?.tables;
  return useMemo(() => {
    const arriving = columnsIn(schema, diagram.edges, node.id).filter(
      ({ edge }) => port === null || edge.targetHandle === port,
    );
    const found = new Map<string, Column>();
    for (const { columns } of arriving)
      for (const column of columns?.columns ?? []) found.set(column.name, column);
    if (arriving.length === 0) {
      for (const column of tables?.find(({ name }) => name === table)?.columns ?? [])
        found.set(column.name, column);
    }
    return [...found.values()];
  }, [schema, diagram.edges, node.id, port, tables, table]);
}

/** Everything an expression of the node may name. */
export function useKnown(node: DiagramNode, port: string | null): Known {
  const { workflow } = useWorkflowView();
  const columns = useColumns(node, port);
  const functions = useQuery(queries.expressionFunctions()).data ?? NO_FUNCTIONS;
  const { parameters } = workflow;
  return useMemo(
    () => ({ columns, functions, parameters: Object.keys(parameters ?? {}) }),
    [columns, functions, parameters],
  );
}
