/** The hierarchy: which kinds there are, what lies in what, where each lives. */

import { Boxes, Folder as FolderIcon, Layers, type LucideIcon, Package, Workflow } from "lucide-react";
import type { TreeItem } from "~/api/tree";

export type Kind = TreeItem["type"];
export type ContainerKind = "workspace" | "folder" | "job";
/** What the explorer shows beside its tree. */
export type ShownKind = ContainerKind | "job_package";

export interface Item {
  id: string;
  name: string;
  kind: Kind;
  updated_at: string;
  /** What it lies in; null is the tenant itself. */
  parent_id: string | null;
}

export const itemOf = ({ id, name, type, updated_at, parent_id }: TreeItem): Item => ({
  id,
  name,
  kind: type,
  updated_at,
  parent_id,
});

export const ICON: Record<Kind, LucideIcon> = {
  workspace: Boxes,
  folder: FolderIcon,
  job: Layers,
  job_package: Package,
  workflow: Workflow,
};

/** Path below `/api/v1/`. */
export const resourceOf = (kind: Kind, id: string) => `${kind.replace("_", "-")}s/${id}`;
export const hrefOf = (kind: Kind, id: string) => `/${resourceOf(kind, id)}`;
export const isContainer = (kind: Kind): kind is ContainerKind =>
  kind !== "workflow" && kind !== "job_package";

/** What may be made inside a container; null is the tenant itself. */
export function childKinds(kind: ContainerKind | null): Kind[] {
  switch (kind) {
    case null:
      return ["workspace"];
    case "workspace":
      return ["folder", "job_package"];
    case "folder":
      return ["job", "folder"];
    case "job":
      return ["workflow"];
  }
}

const HOLDERS: Record<Kind, readonly Kind[]> = {
  workspace: [],
  folder: ["folder", "workspace"],
  job: ["folder"],
  job_package: [],
  workflow: ["job"],
};

/** The kinds that something may be moved into; none where it stays where it is. */
export const holdersOf = (kind: Kind): readonly Kind[] => HOLDERS[kind];

/** Whether moving the one into the other could mean anything; the server has the last word. */
export const mayHold = (holder: { id: string; kind: Kind }, item: Item): boolean =>
  HOLDERS[item.kind].includes(holder.kind) && holder.id !== item.id && holder.id !== item.parent_id;
