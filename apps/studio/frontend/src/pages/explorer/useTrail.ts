import { useQueries, useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import type { Crumb } from "~/app/crumbs";
import { text } from "~/text";

export type ContainerKind = "workspace" | "folder" | "job";
/** What the explorer shows beside its tree. */
export type ShownKind = ContainerKind | "job_package";

const href = (kind: ShownKind, id: string) => `/${kind.replace("_", "-")}s/${id}`;
const ROOT: Crumb = { label: text.nav.workspaces, href: "/workspaces" };

/** Crumbs from the workspaces down to a container; those still loading have an empty label. */
export function useTrail(kind: ShownKind, id: string | null): Crumb[] {
  const bundle = useQuery({
    ...queries.jobPackage(id ?? ""),
    enabled: kind === "job_package" && id !== null,
  });
  const job = useQuery({ ...queries.job(id ?? ""), enabled: kind === "job" && id !== null });
  const folderId = kind === "folder" ? id : (job.data?.folder_id ?? null);
  const folder = useQuery({ ...queries.folder(folderId ?? ""), enabled: folderId !== null });
  const above = kind === "job_package" ? bundle : folder;
  const workspaceId = kind === "workspace" ? id : (above.data?.workspace_id ?? null);
  const workspace = useQuery({ ...queries.workspace(workspaceId ?? ""), enabled: workspaceId !== null });
  const parents = useParents(folder.data?.parent_id ?? null, workspaceId);

  const crumbs = [ROOT];
  const add = (of: ShownKind, known: string | null, name: string | undefined, failed: boolean) => {
    if (id === null || failed) return;
    crumbs.push(
      known === null || name === undefined ? { label: "" } : { label: name, href: href(of, known) },
    );
  };
  add("workspace", workspaceId, workspace.data?.name, workspace.isError || above.isError || job.isError);
  for (const parent of parents) crumbs.push({ label: parent.name, href: href("folder", parent.id) });
  if (kind === "job_package") add("job_package", id, bundle.data?.name, bundle.isError);
  if (kind === "folder" || kind === "job")
    add("folder", folderId, folder.data?.name, folder.isError || job.isError);
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
