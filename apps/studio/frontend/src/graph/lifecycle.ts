/** What may be done to an execution as it stands, and what it waits for. */

import { type ExecutionState, type ExecutionStatus, isOver } from "./execution";

export interface Possible {
  cancel: boolean;
  pause: boolean;
  resume: boolean;
  retry: boolean;
}

/** The server decides; this is what a page offers. */
export function possible(run: Pick<ExecutionState, "status" | "kind" | "waiting_for">): Possible {
  const over = isOver(run.status);
  const isRun = run.kind === "run";
  const byAPerson = run.status === "paused" && run.waiting_for === "resume";
  return {
    cancel: !over,
    pause: isRun && !over && !byAPerson,
    // What waits for something else goes on by itself.
    resume: isRun && (byAPerson || run.status === "failed" || run.status === "cancelled"),
    retry: isRun && over,
  };
}

/** A progress message that speaks of an execution as going on although it was over: somebody resumed it. */
export function cameBack(known: ExecutionStatus, event: string, data: unknown): boolean {
  const told = (data as { status?: ExecutionStatus } | null)?.status;
  return event === "workflow_execution_progress" && isOver(known) && told !== undefined && !isOver(told);
}

/** Whether what was told means that more than the event says has changed: why it waits, when it began. */
export function needsReading(
  before: ExecutionStatus | undefined,
  after: ExecutionStatus | undefined,
): boolean {
  if (before === undefined || after === undefined || before === after) return false;
  return before === "queued" || before === "paused" || after === "paused" || after === "queued";
}
