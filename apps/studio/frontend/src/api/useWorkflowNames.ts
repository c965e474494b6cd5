import { useQueries, useQuery } from "@tanstack/react-query";
import { findWorkflows, workflow } from "./queries";

/** Names of workflows by id: from the list of the newest, and one by one for older ones. */
export function useWorkflowNames(ids: readonly string[]): (id: string) => string | undefined {
  const listed = useQuery(findWorkflows("", 200));
  const known = new Map((listed.data?.results ?? []).map(({ id, name }) => [id, name]));
  const missing = listed.isPending ? [] : [...new Set(ids)].filter((id) => !known.has(id));
  const asked = useQueries({ queries: missing.map((id) => ({ ...workflow(id), staleTime: 60_000 })) });
  asked.forEach((answer, index) => {
    const id = missing[index];
    if (id !== undefined && answer.data) known.set(id, answer.data.name);
  });
  return (id) => known.get(id);
}
