import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { MockInputs } from "~/api/usePreview";

/** Mock rows live as long as the tab: nothing of them reaches the workflow or another person. */

const listeners = new Set<() => void>();
const keyOf = (workflow: string, node: string) => `uzo-mocks:${workflow}:${node}`;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(text: string | null): MockInputs | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as MockInputs) : null;
  } catch {
    return null;
  }
}

/** The mock rows of a node by input port, or null where none are in use. */
export function useMocks(workflow: string, node: string) {
  const key = keyOf(workflow, node);
  const text = useSyncExternalStore(subscribe, () => window.sessionStorage.getItem(key));
  const mocks = useMemo(() => read(text), [text]);
  const set = useCallback(
    (next: MockInputs | null) => {
      if (next === null || Object.keys(next).length === 0) window.sessionStorage.removeItem(key);
      else window.sessionStorage.setItem(key, JSON.stringify(next));
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [mocks, set] as const;
}
