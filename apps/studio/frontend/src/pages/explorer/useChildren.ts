import { useInfiniteQuery } from "@tanstack/react-query";
import { children } from "~/api/tree";
import { type Item, itemOf } from "./kinds";

export interface Children {
  items: Item[];
  /** How many there are, read or not. */
  total: number;
  pending: boolean;
  error: Error | null;
  retry: () => void;
  /** Reads the next page; null where everything is there. */
  more: (() => void) | null;
  loadingMore: boolean;
}

/** What lies right in something, read page by page from when it is first asked for; null is the tenant itself. */
export function useChildren(parent: string | null): Children {
  const read = useInfiniteQuery(children(parent));
  const pages = read.data?.pages ?? [];
  return {
    items: pages.flatMap(({ results }) => results.map(itemOf)),
    total: pages.at(-1)?.count ?? 0,
    pending: read.isPending,
    error: read.error,
    retry: () => void read.refetch(),
    more: read.hasNextPage ? () => void read.fetchNextPage() : null,
    loadingMore: read.isFetchingNextPage,
  };
}
