import { Button, Text, Tooltip } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Lock, LockOpen } from "lucide-react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import { useBoot } from "~/app/person";
import { exactTime } from "~/format/time";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import { useEditor } from "./editor/useEditor";
import styles from "./Versions.module.css";

const words = text.versions.lock;

/** Who has checked the workflow out, and the way to take it, give it back or take it over. */
export function LockStatus() {
  const { workflow, mayWrite, past } = useWorkflowView();
  const editor = useEditor();
  const { user } = useBoot();
  const client = useQueryClient();
  const { lock } = workflow;
  const mine = lock?.holder.id === user.id;
  const asking = lock !== null && !mine && !user.is_owner;
  const admin = useQuery({ ...queries.permission("workflow", workflow.id, "admin"), enabled: asking });
  const act = useMutation({
    mutationFn: async (wish: "take" | "takeOver" | "release") => {
      if (wish === "release") {
        await editor.flush();
        await api.delete(`workflows/${workflow.id}/lock`);
        return;
      }
      if (wish === "take") await editor.flush();
      // The version that is there now: a save may have made another one.
      const { version_id } = await client.fetchQuery({ ...queries.workflow(workflow.id), staleTime: 0 });
      await api.post(`versions/${version_id}/checkout`, { take_over: wish === "takeOver" });
    },
    onSettled: () =>
      client.invalidateQueries({ queryKey: queries.workflow(workflow.id).queryKey, exact: true }),
  });
  if (past !== null || (!mayWrite && lock === null)) return null;
  const refusal = act.error && (
    <Text size="xs" c="var(--status-failed)" role="alert">
      {act.error.message}
    </Text>
  );
  const button = (wish: "take" | "takeOver" | "release") => (
    <Button
      variant="default"
      leftSection={wish === "take" ? <LockOpen size={14} /> : undefined}
      loading={act.isPending}
      onClick={() => act.mutate(wish)}
    >
      {words[wish]}
    </Button>
  );
  if (lock === null) {
    return (
      <span className={styles.lock}>
        {refusal}
        <Tooltip label={words.takeHint}>{button("take")}</Tooltip>
      </span>
    );
  }
  const mayTakeOver = !mine && mayWrite && (user.is_owner || admin.data?.allowed === true);
  return (
    <span className={styles.lock} data-testid="lock-status">
      {refusal}
      <Lock size={14} aria-hidden />
      <Tooltip
        label={`${mine ? words.takeHint : words.heldHint} (${words.until} ${exactTime(lock.expires_at)})`}
        multiline
        maw={320}
      >
        <span>
          {mine ? words.mine : words.held(lock.holder.name)} · <Time at={lock.since} />
        </span>
      </Tooltip>
      {mine && button("release")}
      {mayTakeOver && <Tooltip label={words.takeOverHint}>{button("takeOver")}</Tooltip>}
    </span>
  );
}
