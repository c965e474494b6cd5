/** What else starts runs by itself: triggers and webhooks in. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Trigger = Schemas["Trigger"];
export type TriggerFire = Schemas["TriggerFire"];
export type Hook = Schemas["Hook"];
export type NewHook = Schemas["NewHook"];
export type HookEvent = Schemas["HookEvent"];
export type HookRefusal = Schemas["HookRefusal"];
export type StarterKind = "triggers" | "hooks";

const REFRESH_MS = 5000;

export const triggers = (page: number, size: number) =>
  queryOptions({
    queryKey: ["triggers", { page, size }],
    queryFn: ({ signal }) => api.get<Page<Trigger>>("triggers", { page, page_size: size }, signal),
  });

export const hooks = (page: number, size: number) =>
  queryOptions({
    queryKey: ["hooks", { page, size }],
    queryFn: ({ signal }) => api.get<Page<Hook>>("hooks", { page, page_size: size }, signal),
  });

export const triggerFires = (id: string) =>
  queryOptions({
    queryKey: ["triggers", id, "fires"],
    queryFn: ({ signal }) => api.get<Page<TriggerFire>>(`triggers/${id}/fires`, { page_size: 50 }, signal),
    refetchInterval: REFRESH_MS,
  });

export const hookEvents = (id: string) =>
  queryOptions({
    queryKey: ["hooks", id, "events"],
    queryFn: ({ signal }) => api.get<Page<HookEvent>>(`hooks/${id}/events`, { page_size: 50 }, signal),
    refetchInterval: REFRESH_MS,
  });

export const hookRefusals = (id: string) =>
  queryOptions({
    queryKey: ["hooks", id, "refusals"],
    queryFn: ({ signal }) => api.get<Page<HookRefusal>>(`hooks/${id}/refusals`, { page_size: 50 }, signal),
    refetchInterval: REFRESH_MS,
  });

/** Let it start runs, or pause it. */
export function useEnable(kind: StarterKind, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) => api.patch<Trigger | Hook>(`${kind}/${id}`, { enabled }),
    onSettled: () => client.invalidateQueries({ queryKey: [kind] }),
  });
}
