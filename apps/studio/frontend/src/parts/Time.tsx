import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { exactTime, relativeTime } from "~/format/time";
import { text } from "~/text";

let now = Date.now();
const watchers = new Set<() => void>();
window.setInterval(() => {
  now = Date.now();
  for (const watcher of watchers) watcher();
}, 10_000);

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** A relative time that ages by itself; the exact one shows on hover. */
export function Time({ at }: { at: string | null | undefined }) {
  const current = useSyncExternalStore(watch, () => now);
  if (!at) return <span>{text.nothing}</span>;
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at}>
        {relativeTime(at, Math.max(current, Date.parse(at) > current ? Date.now() : 0))}
      </time>
    </Tooltip>
  );
}
