/** Questions that executions wait with: what is asked, and deciding. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page } from "./client";

export interface Approval {
  id: string;
  execution_id: string;
  workflow_id: string;
  workflow_name: string;
  node_id: string;
  message: string;
  status: "pending" | "approved" | "rejected" | "expired" | "withdrawn";
  /** Whether it is pending and the viewer may decide it. */
  may_decide: boolean;
  created_at: string;
  expires_at: string | null;
  decided_at: string | null;
  decided_by: { id: string; email: string } | null;
  comment: string;
}

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
