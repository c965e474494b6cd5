/** What the person was told: asked once, then kept up to date by their own channel. */

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useChannel } from "~/live/useChannel";
import { api, type Page } from "./client";
import type { components } from "./schema";

export type Notification = components["schemas"]["Notification"];

const SHOWN = 20;

const latest = () =>
  queryOptions({
    queryKey: ["notifications", "latest"],
    queryFn: ({ signal }) => api.get<Page<Notification>>("notifications", { page_size: SHOWN }, signal),
    staleTime: 60_000,
  });

const unseen = () =>
  queryOptions({
    queryKey: ["notifications", "unseen"],
    queryFn: ({ signal }) =>
      api.get<Page<Notification>>("notifications", { seen: false, page_size: 1 }, signal),
    staleTime: 60_000,
  });

/** How many are new, and once `open` the latest of all. */
export function useNotifications(user: string, open: boolean) {
  const client = useQueryClient();
  const readAgain = () => void client.invalidateQueries({ queryKey: ["notifications"] });
  useChannel(`user:${user}`, {
    event: (event) => {
      if (event === "notification" || event === "notifications_seen") readAgain();
    },
    resync: readAgain,
  });
  const count = useQuery(unseen()).data?.count ?? 0;
  return { count, list: useQuery({ ...latest(), enabled: open }) };
}

/** Take note that these were seen; without ids, all of them. */
export function useMarkSeen() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[] | null) => api.post("notifications/seen", ids === null ? {} : { ids }),
    onSettled: () => client.invalidateQueries({ queryKey: ["notifications"] }),
  });
}
