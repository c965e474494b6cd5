/** The first steps of somebody new: what is done, what comes next, and where each is taken. */

export type StepKey = "workspace" | "connector" | "workflow" | "run";

export interface Known {
  workspaces: number;
  connectors: number;
  /** The one to run, where there is one. */
  workflow: string | null;
  runs: number;
  capabilities: readonly string[];
  /** Whether there is a job or folder that one may write to. */
  writes: boolean;
}

export interface FirstStep {
  key: StepKey;
  href: string;
  done: boolean;
  /** The first that is not done. */
  next: boolean;
}

/** Only steps that are done or that one may take; none once all are done. */
export function firstSteps(known: Known): FirstStep[] {
  const may = (capability: string) => known.capabilities.includes(capability);
  const makes = known.writes || may("workspaces.create");
  const { workflow } = known;
  const steps = [
    {
      key: "workspace" as const,
      href: "/workspaces?new",
      done: known.workspaces > 0,
      possible: may("workspaces.create"),
    },
    {
      key: "connector" as const,
      href: "/connectors?new",
      done: known.connectors > 0,
      possible: may("connectors.create"),
    },
    { key: "workflow" as const, href: "/templates", done: workflow !== null, possible: makes },
    {
      key: "run" as const,
      href: workflow === null ? "/templates" : `/workflows/${workflow}`,
      done: known.runs > 0,
      possible: makes || workflow !== null,
    },
  ].filter(({ done, possible }) => done || possible);
  const next = steps.find(({ done }) => !done)?.key;
  if (next === undefined) return [];
  return steps.map(({ key, href, done }) => ({ key, href, done, next: key === next }));
}
