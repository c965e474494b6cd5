import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { statistics } from "~/api/samples";
import type { DiagramNode } from "~/graph/diagram";
import { writeCell } from "~/graph/mocks";
import { columnsIn } from "~/graph/schema";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import { useNodeSample } from "./useNodeSample";

/** What a sample of the rows that come in has seen in a column: values to choose from. */
export interface Seen {
  values: (column: string) => string[];
  /** How often, for people; empty for what was not seen. */
  times: (column: string, value: string) => string;
  /** Read a sample where there is none yet. */
  ask: () => void;
}

/** Nodes whose sample costs nothing but time: no model is asked for suggestions. */
const CHEAP = new Set(["connector", "transform"]);

export function useSeen(node: DiagramNode, port: string | null): Seen {
  const { workflow, diagram, schema } = useWorkflowView();
  const [asked, setAsked] = useState(false);
  const source = columnsIn(schema, diagram.edges, node.id).find(
    ({ edge }) => port === null || edge.targetHandle === port,
  )?.edge.source;
  const from = diagram.nodes.find(({ id }) => id === source);
  const cheap = from !== undefined && CHEAP.has(from.data.nodeType);
  const sample = useNodeSample(asked && cheap ? (source ?? null) : null, null);
  const at = sample.data?.at ?? null;
  const { data } = useQuery({ ...statistics(workflow.id, source ?? "", at), enabled: at !== null });
  return useMemo(() => {
    const top = new Map(
      (data?.columns ?? []).map((column) => [
        column.name,
        new Map(column.top.map(({ value, count }) => [writeCell(value), count])),
      ]),
    );
    return {
      values: (column) => [...(top.get(column)?.keys() ?? [])],
      times: (column, value) => {
        const times = top.get(column)?.get(value);
        return times === undefined ? "" : text.inspector.conditions.seen(times);
      },
      ask: () => setAsked(true),
    };
  }, [data]);
}
