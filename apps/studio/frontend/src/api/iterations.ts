/** The trace of a loop: what each of its iterations came to. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

export type Iteration = components["schemas"]["Iteration"];

export interface IterationFilter {
  status?: string | undefined;
  page: number;
  size: number;
}

export const iterations = (execution: string, node: string, { status, page, size }: IterationFilter) =>
  queryOptions({
    queryKey: ["execution", execution, "iterations", node, { status, page, size }],
    queryFn: ({ signal }) =>
      api.get<Page<Iteration>>(
        `executions/${execution}/nodes/${encodeURIComponent(node)}/iterations`,
        { status, page, page_size: size },
        signal,
      ),
  });
