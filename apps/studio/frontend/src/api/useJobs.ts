import { useQueries, useQuery } from "@tanstack/react-query";
import { findWorkflows, job } from "./queries";

export interface KnownJob {
  id: string;
  name: string;
}

const MOST = 200;

/** Jobs that have workflows one may read, by name, and those asked for beside. */
export function useJobs(also: readonly string[] = []): {
  jobs: KnownJob[];
  nameOf: (id: string) => string | undefined;
} {
  const workflows = useQuery(findWorkflows("", MOST));
  const ids = [...new Set([...(workflows.data?.results ?? []).map(({ job_id }) => job_id), ...also])];
  const asked = useQueries({ queries: ids.map((id) => ({ ...job(id), staleTime: 60_000 })) });
  const jobs = asked.flatMap(({ data }) => (data ? [{ id: data.id, name: data.name }] : []));
  jobs.sort((one, other) => one.name.localeCompare(other.name));
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  return { jobs, nameOf: (id) => names.get(id) };
}
