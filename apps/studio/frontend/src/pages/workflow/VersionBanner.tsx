import { Button, Tooltip } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History } from "lucide-react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import { version as versionQuery } from "~/api/versions";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import styles from "./Versions.module.css";

const words = text.versions;

/** Says where an earlier state is shown, or a run of one, and leads there and back. */
export function VersionBanner() {
  const { past } = useWorkflowView();
  return past === null ? <PastRun /> : <Past />;
}

function Past() {
  const { past, workflow, mayWrite, showVersion } = useWorkflowView();
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => api.post(`versions/${past?.id}/rollback`, {}),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queries.workflow(workflow.id).queryKey });
      showVersion(null);
    },
  });
  if (past === null) return null;
  return (
    <div className={styles.banner} role="status">
      <History size={16} aria-hidden />
      <span>{restore.error ? restore.error.message : words.banner(past.number)}</span>
      {mayWrite && !past.is_current && (
        <Tooltip label={words.restoreHint}>
          <Button size="compact-sm" loading={restore.isPending} onClick={() => restore.mutate()}>
            {words.restore}
          </Button>
        </Tooltip>
      )}
      <Button size="compact-sm" variant="default" onClick={() => showVersion(null)}>
        {words.back}
      </Button>
    </div>
  );
}

/** A run that was chosen to look at, and that ran something else than what is on the canvas. */
function PastRun() {
  const { workflow, execution, chosenRun, showVersion } = useWorkflowView();
  const id = execution?.version_id ?? null;
  const other = chosenRun && id !== null && id !== workflow.version_id;
  const version = useQuery({ ...versionQuery(id ?? ""), enabled: other });
  if (!other) return null;
  return (
    <div className={styles.banner} role="status">
      <History size={16} aria-hidden />
      <span>{words.pastRun(version.data?.number ?? null)}</span>
      <Button size="compact-sm" variant="default" onClick={() => showVersion(id)}>
        {words.showPastRun}
      </Button>
    </div>
  );
}
