/** What the settings ask: plan, usage, one's API keys, the vault, the audit. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Feature = Schemas["Feature"];
export type Usage = Schemas["Usage"];
export type Plan = Schemas["Plan"];
export type Offer = Schemas["Offer"];
export type AuditEntry = Schemas["AuditEntry"];

export const USAGES = ["workflows", "connectors", "executions", "users"] as const;

export const usage = (type: string) =>
  queryOptions({
    queryKey: ["usage", type],
    queryFn: ({ signal }) => api.get<Usage>(`features/usage/${type}`, undefined, signal),
  });

export const enabledFeatures = () =>
  queryOptions({
    queryKey: ["features"],
    queryFn: ({ signal }) => api.get<Page<Feature>>("features/enabled", { page_size: 200 }, signal),
    staleTime: 60_000,
  });

export const apiKeys = () =>
  queryOptions({
    queryKey: ["api-keys"],
    queryFn: ({ signal }) => api.get<Page<ApiKey>>("auth/api-keys", { page_size: 200 }, signal),
  });

/** The plan with every feature as it stands, what of it is used, and what would lift it. */
export const planUsage = () =>
  queryOptions({
    queryKey: ["usage", "plan"],
    queryFn: ({ signal }) => api.get<Schemas["PlanUsage"]>("features/plan", undefined, signal),
  });

export const vaultStatus = () =>
  queryOptions({
    queryKey: ["vault"],
    queryFn: ({ signal }) => api.get<Schemas["VaultStatus"]>("vault/status", undefined, signal),
  });

export interface AuditFilter {
  action?: string;
  actor_id?: string;
  object_type?: string;
  object_id?: string;
  after?: string;
  before?: string;
  search?: string;
}

export const auditLog = (filter: AuditFilter, page: number, size: number) =>
  queryOptions({
    queryKey: ["audit", filter, page, size],
    queryFn: ({ signal }) =>
      api.get<Page<AuditEntry>>("audit/logs", { ...filter, page, page_size: size }, signal),
  });

export const auditActions = () =>
  queryOptions({
    queryKey: ["audit", "actions"],
    queryFn: ({ signal }) => api.get<Schemas["Actions"]>("audit/actions", undefined, signal),
    staleTime: 60_000,
  });
