/** Questions that executions wait with: what is asked, and deciding. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

export type Approval = components["schemas"]["Approval"];
export type Decision = "approve" | "reject";

export interface ApprovalFilter {
  status?: string;
  execution?: string;
  page?: number;
  size?: number;
}

const REFRESH_MS = 5000;

export const approvals = ({ page = 1, size = 25, ...filter }: ApprovalFilter) =>
  queryOptions({
    queryKey: ["approvals", { ...filter, page, size }],
    queryFn: ({ signal }) =>
      api.get<Page<Approval>>("approvals", { ...filter, page, page_size: size }, signal),
    refetchInterval: REFRESH_MS,
  });

export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: { decision: Decision; comment: string }) =>
      api.post<Approval>(`approvals/${id}`, said),
    // Also after a refusal: somebody else may have decided meanwhile.
    onSettled: () => client.invalidateQueries({ queryKey: ["approvals"] }),
  });
}
