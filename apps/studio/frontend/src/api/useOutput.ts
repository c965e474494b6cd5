import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { OUTPUT_PAGE, outputRows } from "./queries";

/** Rows that a node gave in a run, page by page. `version` changes when there may be other rows. */
export function useOutput(execution: string, node: string, port: string, version: string) {
  const answer = useInfiniteQuery({
    queryKey: ["execution", execution, "output", node, port, version],
    queryFn: ({ pageParam, signal }) => outputRows(execution, node, port, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.length * OUTPUT_PAGE;
      const there = page.rows_kept ?? page.row_count;
      return page.rows.length === OUTPUT_PAGE && (there === null || read < there) ? read : undefined;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = answer;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const first = data?.pages[0];
  return {
    rows,
    columns: first?.columns ?? [],
    count: first?.row_count ?? null,
    kept: first?.rows_kept ?? null,
    more,
    answer,
  };
}
