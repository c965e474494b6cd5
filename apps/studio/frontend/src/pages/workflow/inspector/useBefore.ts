import { useMemo } from "react";
import type { PreviewRows } from "~/api/types";
import { type MockInputs, usePreview } from "~/api/usePreview";
import type { Sampled } from "~/api/useSampling";
import { withUpstream } from "~/graph/editing/connecting";
import { columnsOf } from "~/graph/mocks";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import { useMocks } from "./mockStore";
import { isSampled, type NodeInput } from "./useInputs";

const words = text.inspector.changes;

/** Whether errors of the node, or of what is before it, stand in the way of its rows; those elsewhere do not. */
export function useBlocked(node: string | null, mocked: boolean): boolean {
  const { diagram, problems } = useWorkflowView();
  return useMemo(() => {
    if (node === null) return true;
    const concerned = mocked ? new Set([node]) : withUpstream(diagram.edges, node);
    return problems.some(
      ({ severity, node_id }) => severity === "error" && (node_id === null || concerned.has(node_id)),
    );
  }, [diagram.edges, node, problems, mocked]);
}

const NOTHING_BEFORE: Sampled<PreviewRows> = { data: null, busy: false, error: null, read: () => undefined };

/** The rows that come to an input: those that were written for it, or a sample of the node they come from. */
export function useBefore(
  input: NodeInput | undefined,
  mocks: MockInputs | null,
  wanted: boolean,
): Sampled<PreviewRows> {
  const { workflow, meaning, diagram } = useWorkflowView();
  const mocked = input === undefined ? undefined : mocks?.[input.port];
  const source = input?.source ?? null;
  const from = diagram.nodes.find(({ id }) => id === source?.node);
  const readable = wanted && mocked === undefined && source !== null && isSampled(source.handle);
  const [upstream] = useMocks(workflow.id, source?.node ?? "");
  const blocked = useBlocked(from?.id ?? null, upstream !== null);
  const sample = usePreview(
    workflow.id,
    readable && from !== undefined ? from.id : null,
    readable && !blocked,
    meaning,
    upstream,
  );
  const written = useMemo((): Sampled<PreviewRows> | null => {
    if (mocked === undefined) return null;
    const names = input?.columns ?? columnsOf(mocked);
    const columns = names.map(({ name, type }) => ({ name, type: type ?? "string" }));
    const rows = mocked.map((row) => columns.map(({ name }) => row[name] ?? null));
    const data = { columns, rows, row_count: rows.length, sampled: false, at: new Date().toISOString() };
    return { ...NOTHING_BEFORE, data };
  }, [mocked, input?.columns]);
  if (written !== null) return written;
  if (wanted && !readable) {
    const message = source === null ? words.noInput : words.notKept;
    return { ...NOTHING_BEFORE, error: { code: "", message, remedy: "" } };
  }
  return sample;
}
