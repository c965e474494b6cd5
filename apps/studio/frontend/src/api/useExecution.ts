import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { applyEvent, type ExecutionState, isOver, type LogLine, mergeExecution } from "~/graph/execution";
import { useChannel } from "~/live/useChannel";
import { api } from "./client";
import { execution, executionLogs } from "./queries";

async function readAgain(client: QueryClient, id: string): Promise<void> {
  const told = await api.get<ExecutionState>(`executions/${id}`);
  client.setQueryData<ExecutionState>(execution(id).queryKey, (known) => mergeExecution(known, told));
  if (isOver(told.status)) {
    await client.invalidateQueries({ queryKey: executionLogs(id).queryKey });
    await client.invalidateQueries({ queryKey: ["executions"] });
  }
}

/** An execution that stays up to date by its channel; null asks for none. */
export function useExecution(id: string | null) {
  const client = useQueryClient();
  const answer = useQuery({ ...execution(id ?? ""), enabled: id !== null });
  const over = answer.data !== undefined && isOver(answer.data.status);
  const refresh = useCallback(() => {
    if (id !== null)
      void readAgain(client, id).catch(() => client.invalidateQueries({ queryKey: ["execution", id] }));
  }, [client, id]);

  useChannel(id !== null && answer.data !== undefined && !over ? `execution:${id}` : null, {
    event: (event, data) => {
      if (id === null) return;
      if (event === "log") {
        client.setQueryData<LogLine[]>(executionLogs(id).queryKey, (known) =>
          known ? [...known, data as LogLine] : known,
        );
        return;
      }
      const { queryKey } = execution(id);
      const before = client.getQueryData(queryKey)?.status;
      client.setQueryData<ExecutionState>(queryKey, (known) => known && applyEvent(known, event, data));
      const began = before === "queued" && client.getQueryData(queryKey)?.status === "running";
      // Events leave out what only the resource has: when it began; at the end, what was missed while joining.
      if (began || event === "execution_finished") refresh();
    },
    resync: refresh,
    refused: refresh,
  });
  return answer;
}
