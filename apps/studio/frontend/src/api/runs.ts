/** What a person can do to an execution. Each answers the execution it is about, a new one for a retry. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ExecutionState } from "~/graph/execution";
import { api } from "./client";
import { execution } from "./queries";

export type Which = "same" | "latest";
export type Act =
  | { does: "cancel" }
  | { does: "pause" }
  | { does: "resume"; version: Which }
  | { does: "retry"; version: Which; from_node?: string };

function bodyOf(act: Act): object {
  switch (act.does) {
    case "resume":
      return { version: act.version };
    case "retry":
      return act.from_node === undefined
        ? { version: act.version }
        : { version: act.version, from_node: act.from_node };
    default:
      return {};
  }
}

/** One key a try: the same click never acts twice, another click does. */
const send = (id: string, act: Act) =>
  api.act<ExecutionState>(`executions/${id}/${act.does}`, bodyOf(act), crypto.randomUUID());

/** Act on an execution; `onRetried` is told of the new one. */
export function useRunActs(id: string, onRetried: (made: ExecutionState) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: Act) => send(id, act),
    onSuccess: async (told, act) => {
      // Not merged: an execution that is resumed comes back to life.
      client.setQueryData<ExecutionState>(execution(told.id).queryKey, told);
      if (act.does === "retry") onRetried(told);
      await client.invalidateQueries({ queryKey: ["executions"] });
    },
  });
}
