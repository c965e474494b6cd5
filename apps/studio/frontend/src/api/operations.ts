/** Operations: what is asked and how it is answered (`GET operations`). */

import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { components } from "./schema";

export type Operations = components["schemas"]["Operations"];
export type QueueState = Operations["queues"][number];
export type WorkerHost = NonNullable<Operations["workers"]>[number];
export type Lease = Operations["leases"][number];
export type Throughput = Operations["throughput"];

const REFRESH_MS = 2000;

export const operations = () =>
  queryOptions({
    queryKey: ["operations"],
    queryFn: ({ signal }) => api.get<Operations>("operations", undefined, signal),
    // While the page is looked at; a refusal is not asked again by itself.
    refetchInterval: (query) => (query.state.data ? REFRESH_MS : false),
  });
