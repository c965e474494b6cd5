/**
 * Holds the hand-written resources against the OpenAPI document: what the server promises must be usable as
 * what the pages read. Nothing here runs; `tsc` fails where the two have drifted apart.
 */

import type { NodeState } from "~/graph/execution";
import type { components } from "./schema";
import type {
  ConnectorType,
  Folder,
  Job,
  JobPackage,
  NodeTypeDoc,
  TestResult,
  WorkflowSummary,
  Workspace,
} from "./types";

type Promised = components["schemas"];
type Fits<Told extends Read, Read> = Told;

export type Held = [
  Fits<Promised["Workspace"], Workspace>,
  Fits<Promised["Folder"], Folder>,
  Fits<Promised["Job"], Job>,
  Fits<Promised["JobPackage"], JobPackage>,
  Fits<Promised["WorkflowSummary"], WorkflowSummary>,
  Fits<Omit<Promised["NodeType"], "config_schema">, Omit<NodeTypeDoc, "config_schema">>,
  Fits<Omit<Promised["ConnectorType"], "config_schema">, Omit<ConnectorType, "config_schema">>,
  Fits<Promised["CheckResult"], TestResult>,
  Fits<Promised["NodeExecution"], NodeState>,
];
