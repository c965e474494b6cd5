import { useMemo } from "react";
import type { MockInputs } from "~/api/usePreview";
import { columnsOf } from "~/graph/mocks";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import { useMocks } from "./mockStore";
import { isSampled, type NodeInput } from "./useInputs";
import { type NodeSample, useNodeSample } from "./useNodeSample";

const words = text.inspector.changes;

const NOTHING_BEFORE: NodeSample = {
  data: null,
  busy: false,
  error: null,
  read: () => undefined,
  obstacle: null,
};

/** The rows that come to an input: those that were written for it, or a sample of the node they come from. */
export function useBefore(
  input: NodeInput | undefined,
  mocks: MockInputs | null,
  wanted: boolean,
): NodeSample {
  const { workflow, diagram } = useWorkflowView();
  const mocked = input === undefined ? undefined : mocks?.[input.port];
  const source = input?.source ?? null;
  const from = diagram.nodes.find(({ id }) => id === source?.node);
  const readable = wanted && mocked === undefined && source !== null && isSampled(source.handle);
  const [upstream] = useMocks(workflow.id, source?.node ?? "");
  const sample = useNodeSample(readable ? (from?.id ?? null) : null, upstream);
  const written = useMemo((): NodeSample | null => {
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
