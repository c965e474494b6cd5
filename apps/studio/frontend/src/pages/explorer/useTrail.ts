import { useQuery } from "@tanstack/react-query";
import { place } from "~/api/tree";
import type { Crumb } from "~/app/crumbs";
import { text } from "~/text";
import { hrefOf } from "./kinds";

const ROOT: Crumb = { label: text.nav.workspaces, href: "/workspaces" };

/** Crumbs from the workspaces down to something; an empty label while they are read. */
export function useTrail(id: string | null): Crumb[] {
  const known = useQuery({ ...place(id ?? ""), enabled: id !== null });
  if (id === null || known.isError) return [ROOT];
  if (known.data === undefined) return [ROOT, { label: "" }];
  const steps = [...known.data.path, known.data];
  return [ROOT, ...steps.map((step) => ({ label: step.name, href: hrefOf(step.type, step.id) }))];
}
