/** Templates: whole workflows to begin with, each offered with the connectors that one may use. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { Workflow } from "./types";

export interface Slot {
  name: string;
  connector_type: string;
  label: string;
  description: string;
  choices: { id: string; name: string }[];
  proposed: string | null;
}

export interface Template {
  id: string;
  name: string;
  description: string;
  categories: string[];
  slots: Slot[];
  workflow_diagram: unknown;
  parameters: Record<string, { type?: string; default?: unknown }>;
  companions: string[];
}

export const templates = () =>
  queryOptions({
    queryKey: ["templates"],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Template>>("templates", { page_size: 200 }, signal)).results,
    staleTime: 60_000,
  });

export interface TemplateCopy {
  /** Exactly one of the two. */
  job_id?: string;
  folder_id?: string;
  connectors: Record<string, string>;
  name: string;
}

/** Makes the workflow; the same key never makes it twice. */
export const copyTemplate = (id: string, body: TemplateCopy, key: string) =>
  api.act<Workflow>(`templates/${id}/copy`, body, key);
