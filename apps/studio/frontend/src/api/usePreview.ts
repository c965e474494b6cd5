import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Failure, isOver } from "~/graph/execution";
import { useChannel } from "~/live/useChannel";
import { api } from "./client";
import { preview, previewKey } from "./queries";
import type { PreviewRows } from "./types";
import { useExecution } from "./useExecution";

interface PreviewEvent extends PreviewRows {
  truncated?: boolean;
}

export interface Sample {
  rows: PreviewRows | null;
  /** True while the last sample is being looked up or a new one is read. */
  busy: boolean;
  /** Why the sample could not be read: the answer's refusal, or the node's failure. */
  error: Error | Failure | null;
  read: () => void;
}

/**
 * A sample of a node's output. Where none was read yet and `automatic` holds, it is read once by itself,
 * and again whenever `meaning` has changed; rows arrive over the node-preview channel.
 */
export function usePreview(workflow: string, node: string, automatic: boolean, meaning = 0): Sample {
  const client = useQueryClient();
  const [running, setRunning] = useState<string | null>(null);
  const last = useQuery(preview(workflow, node));
  const start = useMutation({
    mutationFn: () =>
      api.post<{ execution_id: string }>(`workflows/${workflow}/nodes/${encodeURIComponent(node)}/execute`),
    onSuccess: ({ execution_id }) => setRunning(execution_id),
  });
  const { data: execution } = useExecution(running);
  const over = execution !== undefined && isOver(execution.status);

  useChannel(running !== null && !over ? `node-preview:${running}` : null, {
    event: (event, data) => {
      const told = data as PreviewEvent;
      if (event === "preview" && Array.isArray(told.rows) && !told.truncated) {
        client.setQueryData(previewKey(workflow, node), told);
      }
    },
    resync: () => void last.refetch(),
  });

  const { refetch } = last;
  useEffect(() => {
    if (over) void refetch();
  }, [over, refetch]);

  // What was saved means something else: the sample shown is an old one.
  const shown = useRef(meaning);
  const { mutate: again } = start;
  useEffect(() => {
    if (shown.current === meaning || !automatic) return;
    shown.current = meaning;
    again();
  }, [meaning, automatic, again]);

  const asked = useRef(false);
  const missing = last.isSuccess && last.data === null;
  const { mutate } = start;
  useEffect(() => {
    if (automatic && missing && !asked.current) {
      asked.current = true;
      mutate();
    }
  }, [automatic, missing, mutate]);

  const failed = over && execution.status === "failed";
  const failure = failed
    ? (execution.nodes.find((each) => each.error !== null)?.error ?? execution.error)
    : null;
  return {
    rows: last.data ?? null,
    busy: last.isPending || start.isPending || (running !== null && !over),
    error: start.error ?? last.error ?? failure,
    read: () => start.mutate(),
  };
}
