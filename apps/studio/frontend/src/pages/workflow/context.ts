import { createContext, useContext } from "react";
import type { ProblemOfNode, Workflow } from "~/api/types";
import type { VersionSummary } from "~/api/versions";
import type { Diagram, DiagramNode } from "~/graph/diagram";
import type { ExecutionState } from "~/graph/execution";
import type { Part } from "~/graph/plan";
import type { Schema } from "~/graph/schema";
import type { Actions } from "./editor/actions";

/** What the panels of the workflow page share. */
export interface WorkflowView {
  workflow: Workflow;
  actions: Actions;
  diagram: Diagram;
  schema: Schema;
  /** What the plan says of each node; empty while it cannot run. */
  parts: ReadonlyMap<string, Part>;
  problems: readonly ProblemOfNode[];
  /** True where errors stand in the way of a run. */
  broken: boolean;
  /** Whether what is on the canvas has been looked at and saved: at once, in a moment, or not before something is done. */
  settled: "yes" | "soon" | "no";
  /** Whether the node is in what is saved. */
  isStored: (node: string) => boolean;
  /** Counts the saved changes that mean something else: samples are read again then. */
  meaning: number;
  readOnly: boolean;
  /** Whether one may change it where nobody else has checked it out. */
  mayWrite: boolean;
  mayRun: boolean;
  /** The earlier version that is on the canvas; null where the current one is. */
  past: VersionSummary | null;
  showVersion: (id: string | null) => void;
  /** The run shown on the canvas. */
  execution: ExecutionState | undefined;
  /** Whether that run was chosen, rather than being the last one. */
  chosenRun: boolean;
  /** The one selected node. */
  selected: DiagramNode | null;
  select: (node: string | null) => void;
  showRun: (execution: string) => void;
  labelOf: (node: string) => string;
}

const Context = createContext<WorkflowView | null>(null);

export const WorkflowViewProvider = Context.Provider;

export function useWorkflowView(): WorkflowView {
  const view = useContext(Context);
  if (view === null) throw new Error("useWorkflowView outside of the workflow page");
  return view;
}
