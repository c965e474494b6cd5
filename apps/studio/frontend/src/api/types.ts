/** Resources as `/api/v1/` answers them. */

import type { ExecutionState } from "~/graph/execution";
import type { JsonSchema } from "~/graph/schemaForm";
import type { Lock } from "./versions";

export interface Resource {
  id: string;
  name: string;
  description: string;
  created_at: string;
  updated_at: string;
}

export type Workspace = Resource;

export interface Folder extends Resource {
  workspace_id: string;
  parent_id: string | null;
}

/** How what it holds is run. */
export interface Running {
  mode: "sequential" | "parallel";
  on_failure: "stop" | "continue";
}

export interface Job extends Resource, Running {
  folder_id: string;
  /** Workflows that run first, in this order; the others follow by age. */
  workflow_order: string[];
}

export interface JobPackage extends Resource, Running {
  workspace_id: string;
  /** In their order; only those that one may read. */
  job_ids: string[];
}

export interface WorkflowSummary extends Resource {
  job_id: string;
  /** Grows with every change of diagram or parameters. */
  version: number;
  node_count: number;
  /** Started when a run fails. */
  on_failure_workflow_id: string | null;
  /** Further executions wait; null: any number. */
  max_concurrent_executions: number | null;
  /** Seconds; null: the operator's limit. */
  timeout: number | null;
}

export interface ProblemOfNode {
  node_id: string | null;
  field: string | null;
  code: string;
  message: string;
  severity: "error" | "warning";
  position?: { start: number; end: number };
}

export interface Parameter {
  type?: string;
  default?: unknown;
}

export interface Workflow extends WorkflowSummary {
  workflow_diagram: unknown;
  parameters: Record<string, Parameter> | null;
  /** Of the current version. */
  version_id: string;
  /** Who has checked it out: nobody else saves it. */
  lock: Lock | null;
}

export interface ExecutionSummary extends Omit<ExecutionState, "nodes"> {
  nodes?: ExecutionState["nodes"];
  created_at?: string;
}

export interface Rows {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  row_count: number | null;
  /** Said where only the first of many rows were kept. */
  rows_kept?: number;
}

export interface PreviewRows extends Rows {
  sampled: boolean;
  at: string;
  /** When the oldest of its sources was read. */
  read_at?: string | null;
}

export interface Connector extends Resource {
  connector_type: string;
  config: Record<string, unknown>;
  /** Further executions that use it wait; null: any number. */
  max_concurrent_executions: number | null;
  /** Grows with every change of the config. */
  version: number;
  /** When all tables were asked for last; null if never. */
  discovered_at: string | null;
}

export interface ConnectorType {
  type: string;
  label: string;
  description: string;
  category: string;
  config_schema: JsonSchema;
  secret_fields: string[];
  capabilities: Record<string, unknown>;
}

export interface TestResult {
  ok: boolean;
  code: string;
  message: string;
  latency_ms: number | null;
}

export interface NodeTypeDoc {
  category: string;
  operation: string;
  label: string;
  description: string;
  documentation: string;
  aliases: string[];
  icon: string;
  /** Null where they depend on the config. */
  inputs: { name: string; required: boolean; many: boolean }[] | null;
  outputs: { name: string; kind: string }[] | null;
  config_schema: JsonSchema;
}

export interface Permission {
  allowed: boolean;
  because: string;
}

export interface Table {
  name: string;
  columns: { name: string; type: string; nullable: boolean }[];
  /** An estimate of the source. */
  rows: number | null;
  keys: string[];
  foreign_keys: { columns: string[]; references: string; referenced_columns: string[] }[];
}

export interface ConnectorSchema {
  /** When all tables were asked for last; null if never. */
  discovered_at: string | null;
  tables: Table[];
}
