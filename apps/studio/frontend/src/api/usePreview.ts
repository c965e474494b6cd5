import { useQueryClient } from "@tanstack/react-query";
import type { MockRow } from "~/graph/mocks";
import { api } from "./client";
import { preview, previewKey } from "./queries";
import { ofNode } from "./samples";
import type { PreviewRows } from "./types";
import { type Sampled, useSampling } from "./useSampling";

interface PreviewEvent extends PreviewRows {
  truncated?: boolean;
}

/** Rows by input port, in place of what is upstream. */
export type MockInputs = Readonly<Record<string, readonly MockRow[]>>;

/**
 * A sample of a node's output; null asks for none. Where none was read yet and `automatic` holds, it is read once by itself,
 * and again whenever `meaning` or the mocked rows have changed; rows arrive over the node-preview channel.
 */
export function usePreview(
  workflow: string,
  node: string | null,
  automatic: boolean,
  meaning = 0,
  mocks: MockInputs | null = null,
): Sampled<PreviewRows> {
  const client = useQueryClient();
  return useSampling({
    query: { ...preview(workflow, node ?? ""), enabled: node !== null },
    start: () =>
      api.post<{ execution_id: string }>(
        ofNode(workflow, node ?? "", "execute"),
        mocks === null ? {} : { mock_inputs: mocks },
      ),
    automatic,
    meaning: mocks === null ? String(meaning) : `${meaning}:${JSON.stringify(mocks)}`,
    told: (data) => {
      const told = data as PreviewEvent;
      if (Array.isArray(told.rows) && !told.truncated)
        client.setQueryData(previewKey(workflow, node ?? ""), told);
    },
  });
}
