/** What samples say: figures of columns, how the sides of a join fit, first rows of a query. */

import { queryOptions } from "@tanstack/react-query";
import { api, Problem } from "./client";
import type { Rows } from "./types";

export interface Histogram {
  low: unknown;
  high: unknown;
  counts: number[];
}

export interface ColumnStatistics {
  name: string;
  type: string;
  nulls: number;
  /** Without null; null where values cannot be compared. */
  distinct: number | null;
  min: unknown;
  max: unknown;
  mean: number | string | null;
  top: { value: unknown; count: number }[];
  histogram: Histogram | null;
}

export interface Statistics {
  columns: ColumnStatistics[];
  rows: number;
  sampled: boolean;
  at: string;
}

export interface Matches {
  left: number;
  right: number;
  rows: number;
  /** Rows with a partner; null for joins without equal keys. */
  matched_left: number | null;
  matched_right: number | null;
  sampled: boolean;
  at: string;
}

export const ofNode = (workflow: string, node: string, what: string) =>
  `workflows/${workflow}/nodes/${encodeURIComponent(node)}/${what}`;

/** What is read, or null where there is no sample yet. */
async function sampled<T>(path: string, signal: AbortSignal): Promise<T | null> {
  try {
    return await api.get<T>(path, undefined, signal);
  } catch (error) {
    if (error instanceof Problem && error.code === "no_preview") return null;
    throw error;
  }
}

/** Figures of the columns of a node's last sample, which was read at that moment. */
export const statistics = (workflow: string, node: string, at: string | null) =>
  queryOptions({
    queryKey: ["workflow", workflow, "statistics", node, at],
    queryFn: ({ signal }) => sampled<Statistics>(ofNode(workflow, node, "statistics"), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const matches = (workflow: string, node: string) =>
  queryOptions({
    queryKey: ["workflow", workflow, "matches", node],
    queryFn: ({ signal }) => sampled<Matches>(ofNode(workflow, node, "matches"), signal),
  });

export interface QueryRequest {
  connector: string;
  query: string;
  parameters: Record<string, unknown> | unknown[];
}

export const previewQuery = ({ connector, query, parameters }: QueryRequest) =>
  api.post<Rows>(`connectors/${connector}/preview`, { query, parameters, limit: 50 });
