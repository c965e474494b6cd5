/** Jobs and packages as things that run: their runs, a calendar of them, and what can be done. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useChannel } from "~/live/useChannel";
import { api, type Page } from "./client";
import { job, jobPackage } from "./queries";
import type { components } from "./schema";
import type { Job, JobPackage } from "./types";

type Schemas = components["schemas"];
export type JobRunSummary = Schemas["JobRunSummary"];
export type JobRun = Schemas["JobRun"];
export type JobRunStep = Schemas["JobRunStep"];
export type Calendar = Schemas["Calendar"];

export type RunnableKind = "job" | "job_package";

/** A job or a package. */
export interface Runnable {
  kind: RunnableKind;
  id: string;
}

/** Path below `/api/v1/`, and of its page. */
export const pathOf = ({ kind, id }: Runnable) => (kind === "job" ? `jobs/${id}` : `job-packages/${id}`);

const FALLBACK_MS = 4000;
const OVER: ReadonlySet<string> = new Set(["success", "failed", "cancelled"]);
export const runIsOver = ({ status }: { status: string }) => OVER.has(status);

export interface JobRunFilter {
  page?: number;
  size?: number;
  status?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export const jobRuns = ({ kind, id }: Runnable, { page = 1, size = 20, ...filter }: JobRunFilter = {}) =>
  queryOptions({
    queryKey: ["job-runs", { kind, id, page, size, ...filter }],
    queryFn: ({ signal }) =>
      api.get<Page<JobRunSummary>>("job-runs", { [kind]: id, ...filter, page, page_size: size }, signal),
  });

export const jobRun = (id: string) =>
  queryOptions({
    queryKey: ["job-runs", id],
    queryFn: ({ signal }) => api.get<JobRun>(`job-runs/${id}`, undefined, signal),
  });

export const calendar = (of: Runnable, first: string, last: string, timezone: string) =>
  queryOptions({
    queryKey: ["job-runs", "calendar", of.kind, of.id, first, last, timezone],
    queryFn: ({ signal }) =>
      api.get<Calendar>(`${pathOf(of)}/run-calendar`, { first, last, timezone }, signal),
  });

/**
 * Keeps everything about job runs up to date by the workspace's channel. Answers how often to ask instead where
 * that channel may not be heard: who was granted a job alone cannot read its workspace.
 */
export function useJobRunsLive(workspace: string | null): number | false {
  const client = useQueryClient();
  const [refused, setRefused] = useState(false);
  const readAgain = () => void client.invalidateQueries({ queryKey: ["job-runs"] });
  useChannel(workspace === null ? null : `workspace:${workspace}`, {
    event: (event) => {
      if (event === "job_run") readAgain();
    },
    resync: readAgain,
    refused: () => setRefused(true),
  });
  return refused ? FALLBACK_MS : false;
}

/** Start it now; the answer is the run. */
export function useRunNow(of: Runnable) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.act<JobRun>(`${pathOf(of)}/execute`, {}, crypto.randomUUID()),
    onSuccess: async (run) => {
      client.setQueryData(jobRun(run.id).queryKey, run);
      await client.invalidateQueries({ queryKey: ["job-runs"] });
    },
  });
}

export function useCancelRun(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<JobRun>(`job-runs/${id}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: ["job-runs"] }),
  });
}

/** Change how a job or a package is run, or what is in it and in which order. */
export function useChangeRunnable({ kind, id }: Runnable) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: Partial<Job> | Partial<JobPackage>) =>
      api.patch<Job & JobPackage>(pathOf({ kind, id }), changes),
    onSuccess: (told) => {
      if (kind === "job") client.setQueryData<Job>(job(id).queryKey, told);
      else client.setQueryData<JobPackage>(jobPackage(id).queryKey, told);
    },
  });
}
