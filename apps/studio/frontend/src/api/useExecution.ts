import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { applyEvent, type ExecutionState, isOver, type LogLine, mergeExecution } from "~/graph/execution";
import { cameBack, needsReading } from "~/graph/lifecycle";
import { useChannel } from "~/live/useChannel";
import { api } from "./client";
import { execution, executionLogs } from "./queries";

async function readAgain(client: QueryClient, id: string, how: "merge" | "replace"): Promise<void> {
  const told = await api.get<ExecutionState>(`executions/${id}`);
  client.setQueryData<ExecutionState>(execution(id).queryKey, (known) =>
    how === "merge" ? mergeExecution(known, told) : told,
  );
  if (isOver(told.status)) {
    await client.invalidateQueries({ queryKey: executionLogs(id).queryKey });
    await client.invalidateQueries({ queryKey: ["executions"] });
  }
}

/** An execution that stays up to date by its channel, also when it is resumed after its end; null asks for none. */
export function useExecution(id: string | null) {
  const client = useQueryClient();
  const answer = useQuery({ ...execution(id ?? ""), enabled: id !== null });
  const refresh = useCallback(
    (how: "merge" | "replace") => {
      if (id !== null)
        void readAgain(client, id, how).catch(() =>
          client.invalidateQueries({ queryKey: ["execution", id] }),
        );
    },
    [client, id],
  );

  useChannel(id !== null && answer.data !== undefined ? `execution:${id}` : null, {
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
      if (before !== undefined && cameBack(before, event, data)) {
        refresh("replace");
        return;
      }
      client.setQueryData<ExecutionState>(queryKey, (known) => known && applyEvent(known, event, data));
      const after = client.getQueryData(queryKey)?.status;
      // Events leave out what only the resource has: when it began, what it waits for; at the end, what was
      // missed while joining. What was over when we came is known in full.
      const ended = event === "execution_finished" && before !== undefined && !isOver(before);
      if (ended || needsReading(before, after)) refresh("merge");
    },
    resync: () => refresh("replace"),
    refused: () => refresh("merge"),
  });
  return answer;
}
