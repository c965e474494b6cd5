/** The tree of workspaces down to workflows: one level at a time, or searched as a whole. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";
import type { WorkflowSummary } from "./types";

type Schemas = components["schemas"];
export type TreeItem = Schemas["TreeItem"];
export type FoundItem = Schemas["FoundItem"];
export type Step = Schemas["TreeStep"];

export const LEVEL_PAGE = 100;
const FOUND_PAGE = 25;

const pages = {
  initialPageParam: 1,
  getNextPageParam: (last: Page<unknown>, _: unknown, page: number) =>
    last.next === null ? undefined : page + 1,
};

/** What lies right in something, page by page; null: the workspaces, and what is shared without one. */
export const children = (parent: string | null) =>
  infiniteQueryOptions({
    queryKey: ["tree", "below", parent],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<TreeItem>>("tree", { parent_id: parent, page: pageParam, page_size: LEVEL_PAGE }, signal),
    ...pages,
  });

export interface Wanted {
  search: string;
  types?: readonly TreeItem["type"][];
  permission?: "read" | "write" | "execute" | "admin";
  /** A workspace or folder that it must lie in. */
  within?: string;
}

/** Whatever has these words in its name, with where it lies. */
export const found = ({ search, types, permission, within }: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["tree", "found", { search, types, permission, within }],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<FoundItem>>(
        "tree/search",
        { search, type: types?.join(","), permission, within, page: pageParam, page_size: FOUND_PAGE },
        signal,
      ),
    ...pages,
    staleTime: 10_000,
  });

/** Where something lies. */
export const place = (id: string) =>
  queryOptions({
    queryKey: ["tree", "path", id],
    queryFn: ({ signal }) => api.get<FoundItem>("tree/path", { id }, signal),
    staleTime: 10_000,
  });

/** The workflows of a job in the order in which it runs them, page by page. */
export const workflowsAsRun = (job: string) =>
  infiniteQueryOptions({
    queryKey: ["jobs", job, "workflows"],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<WorkflowSummary>>(
        `jobs/${job}/workflows`,
        { ordering: "place,created_at", page: pageParam, page_size: LEVEL_PAGE },
        signal,
      ),
    ...pages,
  });
