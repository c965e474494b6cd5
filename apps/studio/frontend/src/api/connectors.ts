/** One connector: its files, the rows of its tables, and the workflows that use it. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { Connector, Rows, WorkflowSummary } from "./types";

export interface StoredFile {
  name: string;
  size: number;
  /** Null where the file is no table. */
  columns: { name: string; type: string }[] | null;
  stored_at: string;
}

const MOST = 200;

export const connector = (id: string) =>
  queryOptions({
    queryKey: ["connector", id],
    queryFn: ({ signal }) => api.get<Connector>(`connectors/${id}`, undefined, signal),
  });

export const filesOf = (id: string) =>
  queryOptions({
    queryKey: ["connector", id, "files"],
    queryFn: ({ signal }) => api.get<Page<StoredFile>>(`connectors/${id}/files`, { page_size: MOST }, signal),
  });

/** The first rows of a table. */
export const rowsOf = (id: string, table: string) =>
  queryOptions({
    queryKey: ["connector", id, "rows", table],
    queryFn: ({ signal }) => api.get<Rows>(`connectors/${id}/preview`, { table, limit: 100 }, signal),
    staleTime: 30_000,
  });

export const usersOf = (id: string) =>
  queryOptions({
    queryKey: ["connector", id, "workflows"],
    queryFn: ({ signal }) =>
      api.get<Page<WorkflowSummary>>(
        "workflows",
        { connector_id: id, page_size: MOST, ordering: "name" },
        signal,
      ),
  });

export const filePath = (id: string, name: string) => `connectors/${id}/files/${encodeURIComponent(name)}`;
