/** What the settings page asks: plan, usage, one's API keys. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Feature = Schemas["Feature"];
export type Usage = Schemas["Usage"];

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
