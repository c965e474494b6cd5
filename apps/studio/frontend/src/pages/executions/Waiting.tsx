import type { ExecutionState } from "~/graph/execution";
import { words } from "~/operateText";
import { Time } from "~/parts/Time";

const said = words.waiting;

/** What a run that does not go on waits for, in words. */
export function Waiting({ run }: { run: Pick<ExecutionState, "waiting_for" | "wake_at"> }) {
  if (!run.waiting_for) return null;
  const known: Record<string, string> = {
    vault: said.vault,
    resume: said.resume,
    wait: said.wait,
    approval: said.approval,
    children: said.children,
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
