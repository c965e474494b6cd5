import type { ExecutionState } from "~/graph/execution";
import { Time } from "~/parts/Time";
import { text } from "~/text";

const said = text.waiting;

/** What a run that does not go on waits for, in words. */
export function Waiting({ run }: { run: Pick<ExecutionState, "waiting_for" | "wake_at"> }) {
  if (!run.waiting_for) return null;
  const known: Record<string, string> = {
    vault: said.vault,
    resume: said.resume,
    wait: said.wait,
    approval: said.approval,
    children: said.children,
    tenant_limit: said.tenant_limit,
    workflow_limit: said.workflow_limit,
    connector_limit: said.connector_limit,
  };
  return (
    <span>
      {known[run.waiting_for] ?? run.waiting_for}
      {run.wake_at && run.waiting_for === "wait" && (
        <>
          , {said.wakes} <Time at={run.wake_at} />
        </>
      )}
    </span>
  );
}
