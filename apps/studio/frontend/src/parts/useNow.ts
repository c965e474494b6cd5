import { useEffect, useState } from "react";

const EVERY_MS = 500;

/** The present in milliseconds since the epoch; moves on only while something runs. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return;
    const timer = window.setInterval(() => setNow(Date.now()), EVERY_MS);
    return () => window.clearInterval(timer);
  }, [ticking]);
  return now;
}
