/** Versions of a workflow, and who has checked it out. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";

export interface Person {
  id: string;
  name: string;
}

export interface Lock {
  holder: Person;
  since: string;
  expires_at: string;
}

export interface VersionSummary {
  id: string;
  workflow_id: string;
  number: number;
  name: string;
  comment: string;
  author: Person | null;
  created_at: string;
  saved_at: string | null;
  published_at: string | null;
  published_by: Person | null;
  is_current: boolean;
}

export interface Version extends VersionSummary {
  workflow_diagram: unknown;
  parameters: Record<string, { type?: string; default?: unknown }> | null;
}

export interface ComparedNode {
  node_id: string;
  label: string;
}

export interface ChangedNode extends ComparedNode {
  changes: { field: string; before?: unknown; after?: unknown }[];
}

/** What changed from one version to another. */
export interface Difference {
  same: boolean;
  nodes: { added: ComparedNode[]; removed: ComparedNode[]; changed: ChangedNode[]; moved: ComparedNode[] };
  edges: { added: { source: string; target: string }[]; removed: { source: string; target: string }[] };
  parameters: { added: string[]; removed: string[]; changed: string[] };
}

export const versionsKey = (workflow: string) => ["workflow", workflow, "versions"];

/** The newest first, page by page. */
export const versionsOf = (workflow: string) =>
  infiniteQueryOptions({
    queryKey: versionsKey(workflow),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<VersionSummary>>(
        `workflows/${workflow}/versions`,
        { page: pageParam, page_size: 50 },
        signal,
      ),
    initialPageParam: 1,
    getNextPageParam: ({ next }, _, page) => (next === null ? undefined : page + 1),
  });

export const version = (id: string) =>
  queryOptions({
    queryKey: ["version", id],
    queryFn: ({ signal }) => api.get<Version>(`versions/${id}`, undefined, signal),
  });

/** From a version to the current one, which has the number `current`. */
export const difference = (id: string, current: number) =>
  queryOptions({
    queryKey: ["version", id, "difference", current],
    queryFn: ({ signal }) => api.get<Difference>(`versions/${id}/diff`, undefined, signal),
  });
