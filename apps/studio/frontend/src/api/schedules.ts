/** Schedules: what is asked, how it is answered, and what can be done. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { Runnable } from "./jobRuns";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Schedule = Schemas["Schedule"];
export type NextFires = Schemas["NextFires"];
export type Fire = Schemas["Fire"];
export type Backfill = Schemas["Backfill"];
export type BackfillPlan = Schemas["BackfillPlan"];

const REFRESH_MS = 10_000;
const HISTORY_MS = 3000;

export interface ScheduleFilter {
  of?: Runnable | null;
  page?: number;
  size?: number;
}

export const schedules = ({ of = null, page = 1, size = 25 }: ScheduleFilter) =>
  queryOptions({
    queryKey: ["schedules", { of, page, size }],
    queryFn: ({ signal }) =>
      api.get<Page<Schedule>>(
        "schedules",
        { ...(of ? { [of.kind]: of.id } : {}), page, page_size: size, ordering: "next_fire_at" },
        signal,
      ),
    refetchInterval: REFRESH_MS,
  });

/** A timetable: either cron in a zone, or every so many seconds. */
export type Timetable = { cron: string; timezone: string } | { every_seconds: number };

export const explained = (timetable: Timetable) =>
  queryOptions({
    queryKey: ["schedules", "explain", timetable],
    queryFn: ({ signal }) => api.get<NextFires>("schedules/explain", { ...timetable, count: 5 }, signal),
    staleTime: 60_000,
  });

export const fires = (schedule: string) =>
  queryOptions({
    queryKey: ["schedules", schedule, "fires"],
    queryFn: ({ signal }) => api.get<Page<Fire>>(`schedules/${schedule}/fires`, { page_size: 50 }, signal),
    refetchInterval: HISTORY_MS,
  });

export const backfills = (schedule: string) =>
  queryOptions({
    queryKey: ["schedules", schedule, "backfills"],
    queryFn: ({ signal }) =>
      api.get<Page<Backfill>>(`schedules/${schedule}/backfills`, { page_size: 10 }, signal),
    refetchInterval: HISTORY_MS,
  });
