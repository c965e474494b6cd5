/** What is asked of the server and under which key it is kept. */

import { queryOptions } from "@tanstack/react-query";
import type { ExecutionState, LogLine } from "~/graph/execution";
import type { FunctionDoc } from "~/graph/expressions/completion";
import type { Stage } from "~/graph/plan";
import { readSchema } from "~/graph/schema";
import { api, type Page, Problem } from "./client";
import type {
  Connector,
  ConnectorSchema,
  ConnectorType,
  ExecutionSummary,
  Folder,
  Job,
  JobPackage,
  NodeTypeDoc,
  Permission,
  PreviewRows,
  ProblemOfNode,
  Rows,
  Workflow,
  WorkflowSummary,
  Workspace,
} from "./types";

const MOST = 200;

/** Every page of a list; the tree needs all children of what is opened. */
async function all<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T[]> {
  const results: T[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await api.get<Page<T>>(path, { ...query, page, page_size: MOST }, signal);
    results.push(...answer.results);
    if (answer.next === null) return results;
  }
}

export const workspace = (id: string) =>
  queryOptions({
    queryKey: ["workspace", id],
    queryFn: ({ signal }) => api.get<Workspace>(`workspaces/${id}`, undefined, signal),
  });

export const folder = (id: string) =>
  queryOptions({
    queryKey: ["folder", id],
    queryFn: ({ signal }) => api.get<Folder>(`folders/${id}`, undefined, signal),
  });

export const job = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => api.get<Job>(`jobs/${id}`, undefined, signal),
  });

export const jobPackage = (id: string) =>
  queryOptions({
    queryKey: ["job_package", id],
    queryFn: ({ signal }) => api.get<JobPackage>(`job-packages/${id}`, undefined, signal),
  });

export const workflow = (id: string) =>
  queryOptions({
    queryKey: ["workflow", id],
    queryFn: ({ signal }) => api.get<Workflow>(`workflows/${id}`, undefined, signal),
  });

/** Workflows anywhere, found by name or lately changed. */
export const findWorkflows = (search: string, size = 8) =>
  queryOptions({
    queryKey: ["workflows", { search, size }],
    queryFn: ({ signal }) =>
      api.get<Page<WorkflowSummary>>(
        "workflows",
        { search, page_size: size, ordering: search ? "name" : "-updated_at" },
        signal,
      ),
    staleTime: 10_000,
  });

export const schema = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflow", workflowId, "schema"],
    queryFn: async ({ signal }) =>
      readSchema(
        (await api.get<{ nodes: unknown }>(`workflows/${workflowId}/schema`, undefined, signal)).nodes,
      ),
  });

/** What is wrong with the saved diagram for the person who looks, and how it will be run. */
export const problems = ({ id, version, workflow_diagram, parameters }: Workflow) =>
  queryOptions({
    queryKey: ["workflow", id, "problems", version],
    queryFn: () =>
      api.post<{ problems: ProblemOfNode[]; plan: Stage[] | null }>("workflows/validate", {
        workflow_diagram,
        parameters: parameters ?? {},
      }),
  });

export interface ExecutionFilter {
  status?: string;
  workflow?: string;
  trigger?: string;
  created_after?: string;
  created_before?: string;
  page?: number;
  size?: number;
}

export const executions = ({ page = 1, size = 25, ...filter }: ExecutionFilter) =>
  queryOptions({
    queryKey: ["executions", { ...filter, page, size }],
    queryFn: ({ signal }) =>
      api.get<Page<ExecutionSummary>>("executions", { ...filter, page, page_size: size }, signal),
  });

export const execution = (id: string) =>
  queryOptions({
    queryKey: ["execution", id],
    queryFn: ({ signal }) => api.get<ExecutionState>(`executions/${id}`, undefined, signal),
    // The channel keeps it up to date.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const executionLogs = (id: string) =>
  queryOptions({
    queryKey: ["execution", id, "logs"],
    queryFn: ({ signal }) => all<LogLine>(`executions/${id}/logs`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const OUTPUT_PAGE = 200;

export const outputPath = (execution: string, node: string) =>
  `executions/${execution}/nodes/${encodeURIComponent(node)}/output`;

export const outputRows = (
  executionId: string,
  node: string,
  port: string,
  offset: number,
  signal: AbortSignal,
) => api.get<Rows>(outputPath(executionId, node), { port, offset, limit: OUTPUT_PAGE }, signal);

export const previewKey = (workflowId: string, node: string) =>
  ["workflow", workflowId, "preview", node] as const;

/** The last sample, or null where none was read yet. */
export const preview = (workflowId: string, node: string) =>
  queryOptions({
    queryKey: previewKey(workflowId, node),
    queryFn: async ({ signal }) => {
      try {
        return await api.get<PreviewRows>(
          `workflows/${workflowId}/nodes/${encodeURIComponent(node)}/preview`,
          undefined,
          signal,
        );
      } catch (error) {
        if (error instanceof Problem && error.code === "no_preview") return null;
        throw error;
      }
    },
  });

export const connectors = () =>
  queryOptions({
    queryKey: ["connectors"],
    queryFn: ({ signal }) => all<Connector>("connectors", { ordering: "name" }, signal),
  });

export const connectorTypes = () =>
  queryOptions({
    queryKey: ["connector-types"],
    queryFn: ({ signal }) => all<ConnectorType>("connector-types", {}, signal),
    staleTime: 600_000,
  });

export const nodeTypes = () =>
  queryOptions({
    queryKey: ["node-types"],
    queryFn: ({ signal }) => all<NodeTypeDoc>("node-types", {}, signal),
    staleTime: 600_000,
  });

/** The functions an expression may call. */
export const expressionFunctions = () =>
  queryOptions({
    queryKey: ["expression-functions"],
    queryFn: ({ signal }) => all<FunctionDoc>("expression-functions", {}, signal),
    staleTime: 600_000,
  });

/** Tables of a connector and their columns, as they were discovered last. */
export const connectorSchema = (id: string) =>
  queryOptions({
    queryKey: ["connector", id, "schema"],
    queryFn: ({ signal }) => api.get<ConnectorSchema>(`connectors/${id}/schema`, undefined, signal),
    staleTime: 30_000,
  });

/** Whether one may write, execute or administer something. */
export const permission = (type: string, id: string, level: "write" | "execute" | "admin") =>
  queryOptions({
    queryKey: ["permission", type, id, level],
    queryFn: ({ signal }) =>
      api.get<Permission>(
        "permissions/check",
        { object_type: type, object_id: id, permission: level },
        signal,
      ),
    staleTime: 60_000,
  });
