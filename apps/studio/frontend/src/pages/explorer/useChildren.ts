import { useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import type { Resource } from "~/api/types";
import type { Item, Kind } from "./kinds";
import type { ContainerKind } from "./useTrail";

export interface Children {
  items: Item[];
  pending: boolean;
  error: Error | null;
  retry: () => void;
}

const itemsOf = (kind: Kind, rows: readonly Resource[] | undefined): Item[] =>
  (rows ?? []).map(({ id, name, description, updated_at }) => ({ id, name, description, updated_at, kind }));

/**
 * What lies directly in a container, read when it is first asked for. `workspace` is the workspace that a
 * folder lies in: its folders are one list, in which each names its parent.
 */
export function useChildren(
  kind: ContainerKind | null,
  id: string | null,
  workspace: string | null,
  enabled = true,
): Children {
  const space = kind === "workspace" ? id : workspace;
  const wantsFolders = enabled && space !== null && (kind === "workspace" || kind === "folder");
  const workspaces = useQuery({ ...queries.workspaces(), enabled: enabled && kind === null });
  const folders = useQuery({ ...queries.folders(space ?? ""), enabled: wantsFolders });
  const packages = useQuery({
    ...queries.jobPackages(space ?? ""),
    enabled: enabled && kind === "workspace" && space !== null,
  });
  const jobs = useQuery({ ...queries.jobs(id ?? ""), enabled: enabled && kind === "folder" && id !== null });
  const workflows = useQuery({
    ...queries.workflowsOf(id ?? ""),
    enabled: enabled && kind === "job" && id !== null,
  });

  const parent = kind === "folder" ? id : null;
  const below = folders.data?.filter((folder) => (folder.parent_id ?? null) === parent);
  switch (kind) {
    case null:
      return childrenOf([workspaces], itemsOf("workspace", workspaces.data));
    case "workspace":
      return childrenOf(
        [folders, packages],
        [...itemsOf("folder", below), ...itemsOf("job_package", packages.data)],
      );
    case "folder":
      return childrenOf([folders, jobs], [...itemsOf("folder", below), ...itemsOf("job", jobs.data)]);
    case "job":
      return childrenOf([workflows], itemsOf("workflow", workflows.data));
  }
}

interface Asked {
  isPending: boolean;
  error: Error | null;
  refetch: () => unknown;
}

function childrenOf(asked: Asked[], items: Item[]): Children {
  return {
    items,
    pending: asked.some((each) => each.isPending),
    error: asked.find((each) => each.error !== null)?.error ?? null,
    retry: () => {
      for (const each of asked) if (each.error !== null) each.refetch();
    },
  };
}
