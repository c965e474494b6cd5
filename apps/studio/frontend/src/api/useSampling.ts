import { type QueryKey, type UseQueryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Failure, isOver } from "~/graph/execution";
import { useChannel } from "~/live/useChannel";
import { useExecution } from "./useExecution";

export interface Sampled<T> {
  data: T | null;
  /** True while the last sample is being looked up or a new one is read. */
  busy: boolean;
  /** Why it could not be read: the answer's refusal, or the node's failure. */
  error: Error | Failure | null;
  read: () => void;
}

interface Sampling<T, K extends QueryKey> {
  /** The last sample, or null where none was read yet. */
  query: UseQueryOptions<T | null, Error, T | null, K>;
  start: () => Promise<{ execution_id: string }>;
  /** Read by itself: where there is none yet, and whenever `meaning` is another than that of the one there is. */
  automatic: boolean;
  meaning: string;
  /** What the preview tells before it is over. */
  told?: (data: unknown) => void;
}

/** The meaning that each sample was read with, in this page: what was changed meanwhile makes it an old one. */
const readWith = new Map<string, string>();

/** What a preview execution leaves, read again whenever it has become old. */
export function useSampling<T, K extends QueryKey>(sampling: Sampling<T, K>): Sampled<T> {
  const { query, start: starts, automatic, meaning, told } = sampling;
  const [running, setRunning] = useState<string | null>(null);
  const [taken, setTaken] = useState<string | null>(null);
  const last = useQuery(query);
  const name = JSON.stringify(query.queryKey);
  const start = useMutation({
    mutationFn: () => {
      readWith.set(name, meaning);
      return starts();
    },
    onSuccess: ({ execution_id }) => setRunning(execution_id),
  });
  const { data: execution } = useExecution(running);
  const over = execution !== undefined && isOver(execution.status);
  const { refetch } = last;
  useChannel(running !== null && !over ? `node-preview:${running}` : null, {
    event: (event, data) => event === "preview" && told?.(data),
    resync: () => void refetch(),
  });
  useEffect(() => {
    if (over) void refetch().then(() => setTaken(running));
  }, [over, running, refetch]);

  const missing = last.isSuccess && last.data === null;
  const { mutate } = start;
  const asked = useRef<string | null>(null);
  useEffect(() => {
    if (!automatic) return;
    const known = readWith.get(name);
    const old = last.isSuccess && last.data !== null && known !== undefined && known !== meaning;
    if (!(missing || old) || asked.current === meaning) return;
    asked.current = meaning;
    mutate();
  }, [automatic, missing, last.isSuccess, last.data, name, meaning, mutate]);
  useEffect(() => {
    // What was there when the page came is taken to be of now.
    if (last.isSuccess && last.data !== null && !readWith.has(name)) readWith.set(name, meaning);
  }, [last.isSuccess, last.data, name, meaning]);

  const failed = over && execution.status === "failed";
  const failure = failed
    ? (execution.nodes.find((each) => each.error !== null)?.error ?? execution.error)
    : null;
  return {
    data: last.data ?? null,
    // Until what it left has been read: in between there would be nothing to show.
    busy: last.isPending || start.isPending || running !== taken,
    error: start.error ?? last.error ?? failure,
    read: () => mutate(),
  };
}
