/** The hierarchy: which kinds there are, what lies in what, where each lives. */

import { Boxes, Folder as FolderIcon, Layers, type LucideIcon, Package, Workflow } from "lucide-react";
import type { ContainerKind } from "./useTrail";

export type Kind = ContainerKind | "job_package" | "workflow";

export interface Item {
  id: string;
  name: string;
  description: string;
  updated_at: string;
  kind: Kind;
}

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
