import { useLocalStorage } from "@mantine/hooks";
import { useCallback } from "react";

export interface RecentWorkflow {
  id: string;
  name: string;
}

const MOST = 8;

/** Workflows this browser opened lately, newest first; kept per person. */
export function useRecent(person: string): [RecentWorkflow[], (workflow: RecentWorkflow) => void] {
  const [recent, setRecent] = useLocalStorage<RecentWorkflow[]>({
    key: `uzo-recent-${person}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const remember = useCallback(
    ({ id, name }: RecentWorkflow) =>
      setRecent((known) => [{ id, name }, ...known.filter((each) => each.id !== id)].slice(0, MOST)),
    [setRecent],
  );
  return [recent, remember];
}
