import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Phase } from "~/graph/socket";
import { type ChannelListener, connection } from "./connection";

/** Listen to a channel while the component is there; null listens to none. */
export function useChannel(channel: string | null, listener: ChannelListener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    if (channel === null) return;
    return connection().subscribe(channel, {
      event: (event, data, at) => latest.current.event(event, data, at),
      resync: () => latest.current.resync(),
      refused: (code) => latest.current.refused?.(code),
    });
  }, [channel]);
}

export function useLivePhase(): Phase {
  return useSyncExternalStore(connection().onPhase, () => connection().phase);
}
