import { Button, Group, Menu } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { FolderInput, Pencil, Plus, Trash2, Workflow } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useChangeRunnable } from "~/api/jobRuns";
import { workflowsAsRun } from "~/api/tree";
import type { Job } from "~/api/types";
import { Deleted } from "~/pages/explorer/Deleted";
import { CreateDialog, DeleteDialog, RenameDialog } from "~/pages/explorer/dialogs";
import { hrefOf, type Item } from "~/pages/explorer/kinds";
import { More } from "~/pages/explorer/More";
import { useMoving } from "~/pages/explorer/moving";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { LoadingRows } from "~/parts/Page";
import { text } from "~/text";
import { Ordered } from "./Ordered";
import { inOrder, withUnread } from "./order";
import { Policy } from "./Policy";

type Dialog = { does: "rename" | "delete"; item: Item };

interface JobContentProps {
  job: Job;
  adding: boolean;
  onAdd: () => void;
  onAdded: () => void;
}

/** The workflows of a job in the order in which they run, and how they are run. */
export function JobContent({ job, adding, onAdd, onAdded }: JobContentProps) {
  const [, navigate] = useLocation();
  const found = useInfiniteQuery(workflowsAsRun(job.id));
  const { ask: move, dragged } = useMoving();
  const change = useChangeRunnable({ kind: "job", id: job.id });
  const [dialog, ask] = useState<Dialog | null>(null);
  const [deleted, setDeleted] = useState<Item | null>(null);
  const rows = (found.data?.pages ?? []).flatMap(({ results }) => results);
  const total = found.data?.pages.at(-1)?.count ?? 0;
  const order =
    change.isPending && "workflow_order" in change.variables
      ? (change.variables.workflow_order ?? [])
      : job.workflow_order;
  const items = inOrder(rows, order).map(
    ({ id, name, updated_at }): Item => ({ id, name, updated_at, kind: "workflow", parent_id: job.id }),
  );
  const close = () => ask(null);
  return (
    <>
      {deleted && <Deleted item={deleted} onDone={() => setDeleted(null)} />}
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={job.name} rows={4} />
      ) : items.length === 0 ? (
        <Notice
          icon={Workflow}
          title={text.explorer.emptyFor.job?.[0] ?? ""}
          action={
            <Group gap="xs">
              <Button size="xs" leftSection={<Plus size={14} />} onClick={onAdd}>
                {text.explorer.add.workflow}
              </Button>
              <Button component={Link} href={`/templates?job=${job.id}`} size="xs" variant="default">
                {text.templates.from}
              </Button>
            </Group>
          }
        >
          {text.explorer.emptyFor.job?.[1]}
        </Notice>
      ) : (
        <>
          <Policy of={{ kind: "job", id: job.id }} running={job} />
          <Refusal error={change.error} />
          <Ordered
            items={items}
            onOrder={(ids) => change.mutate({ workflow_order: withUnread(ids, job.workflow_order) })}
            onDrag={(item) => {
              dragged.current = item;
            }}
            menu={(item) => (
              <>
                <Menu.Item leftSection={<Pencil size={15} />} onClick={() => ask({ does: "rename", item })}>
                  {text.explorer.rename}
                </Menu.Item>
                <Menu.Item leftSection={<FolderInput size={15} />} onClick={() => move(item)}>
                  {text.explorer.moveTo}
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
          <More
            shown={items.length}
            total={total}
            more={found.hasNextPage ? () => void found.fetchNextPage() : null}
            loading={found.isFetchingNextPage}
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
