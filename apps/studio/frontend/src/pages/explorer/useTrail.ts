import { useQueries, useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import type { Crumb } from "~/app/crumbs";
import { text } from "~/text";

export type ContainerKind = "workspace" | "folder" | "job";

const href = (kind: ContainerKind, id: string) => `/${kind}s/${id}`;
const ROOT: Crumb = { label: text.nav.workspaces, href: "/workspaces" };

/** Crumbs from the workspaces down to a container; those still loading have an empty label. */
export function useTrail(kind: ContainerKind, id: string | null): Crumb[] {
  const job = useQuery({ ...queries.job(id ?? ""), enabled: kind === "job" && id !== null });
  const folderId = kind === "folder" ? id : (job.data?.folder_id ?? null);
  const folder = useQuery({ ...queries.folder(folderId ?? ""), enabled: folderId !== null });
  const workspaceId = kind === "workspace" ? id : (folder.data?.workspace_id ?? null);
  const workspace = useQuery({ ...queries.workspace(workspaceId ?? ""), enabled: workspaceId !== null });
  const parents = useParents(folder.data?.parent_id ?? null, workspaceId);

  const crumbs = [ROOT];
  const add = (of: ContainerKind, known: string | null, name: string | undefined, failed: boolean) => {
    if (id === null || failed) return;
    crumbs.push(
      known === null || name === undefined ? { label: "" } : { label: name, href: href(of, known) },
    );
  };
  add("workspace", workspaceId, workspace.data?.name, workspace.isError || folder.isError || job.isError);
  for (const parent of parents) crumbs.push({ label: parent.name, href: href("folder", parent.id) });
  if (kind !== "workspace") add("folder", folderId, folder.data?.name, folder.isError || job.isError);
  if (kind === "job") add("job", id, job.data?.name, job.isError);
  return crumbs;
}

/** Folders above a folder, outermost first. */
function useParents(parentId: string | null, workspaceId: string | null) {
  const [answer] = useQueries({
    queries: [{ ...queries.folders(workspaceId ?? ""), enabled: parentId !== null && workspaceId !== null }],
  });
  const byId = new Map((answer?.data ?? []).map((folder) => [folder.id, folder]));
  const parents = [];
  for (let at = parentId === null ? undefined : byId.get(parentId); at; at = byId.get(at.parent_id ?? "")) {
    parents.unshift(at);
    if (parents.length > byId.size) break;
  }
  return parents;
}
