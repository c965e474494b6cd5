import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Pencil, Trash2, Workflow } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useChangeRunnable } from "~/api/jobRuns";
import * as queries from "~/api/queries";
import type { Job } from "~/api/types";
import { Deleted } from "~/pages/explorer/Deleted";
import { CreateDialog, DeleteDialog, RenameDialog } from "~/pages/explorer/dialogs";
import { hrefOf, type Item } from "~/pages/explorer/kinds";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { LoadingRows } from "~/parts/Page";
import { text } from "~/text";
import { Ordered } from "./Ordered";
import { Policy } from "./Policy";

type Dialog = { does: "rename" | "delete"; item: Item };

/** The workflows as the job runs them: those that it names first, then the others by age. */
export function inOrder<T extends { id: string; created_at: string }>(
  workflows: readonly T[],
  order: readonly string[],
): T[] {
  const places = new Map(order.map((id, place) => [id, place]));
  const place = ({ id }: T) => places.get(id) ?? order.length;
  return [...workflows].sort(
    (one, other) =>
      place(one) - place(other) ||
      one.created_at.localeCompare(other.created_at) ||
      one.id.localeCompare(other.id),
  );
}

interface JobContentProps {
  job: Job;
  adding: boolean;
  onAdded: () => void;
}

/** The workflows of a job in the order in which they run, and how they are run. */
export function JobContent({ job, adding, onAdded }: JobContentProps) {
  const [, navigate] = useLocation();
  const found = useQuery(queries.workflowsOf(job.id));
  const change = useChangeRunnable({ kind: "job", id: job.id });
  const [dialog, ask] = useState<Dialog | null>(null);
  const [deleted, setDeleted] = useState<Item | null>(null);
  const order =
    change.isPending && "workflow_order" in change.variables
      ? (change.variables.workflow_order ?? [])
      : job.workflow_order;
  const items = inOrder(found.data ?? [], order).map((each) => ({ ...each, kind: "workflow" as const }));
  const close = () => ask(null);
  return (
    <>
      {deleted && <Deleted item={deleted} onDone={() => setDeleted(null)} />}
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={job.name} rows={4} />
      ) : items.length === 0 ? (
        <Notice icon={Workflow} title={text.explorer.emptyFor.job?.[0] ?? ""}>
          {text.explorer.emptyFor.job?.[1]}
        </Notice>
      ) : (
        <>
          <Policy of={{ kind: "job", id: job.id }} running={job} />
          <Refusal error={change.error} />
          <Ordered
            items={items}
            onOrder={(workflow_order) => change.mutate({ workflow_order })}
            menu={(item) => (
              <>
                <Menu.Item leftSection={<Pencil size={15} />} onClick={() => ask({ does: "rename", item })}>
                  {text.explorer.rename}
                </Menu.Item>
                <Menu.Item
                  color="red"
                  leftSection={<Trash2 size={15} />}
                  onClick={() => ask({ does: "delete", item })}
                >
                  {text.explorer.remove}
                </Menu.Item>
              </>
            )}
          />
        </>
      )}
      {adding && (
        <CreateDialog
          kind="workflow"
          place={{ kind: "job", id: job.id, workspace: null }}
          onClose={onAdded}
          onCreated={(made) => navigate(hrefOf("workflow", made.id))}
        />
      )}
      {dialog?.does === "rename" && <RenameDialog item={dialog.item} onClose={close} />}
      {dialog?.does === "delete" && (
        <DeleteDialog item={dialog.item} onClose={close} onDeleted={() => setDeleted(dialog.item)} />
      )}
    </>
  );
}
