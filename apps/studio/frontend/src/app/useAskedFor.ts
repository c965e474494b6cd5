import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";

/** Whether the address that led here asked for something, as `?new` does; the address then forgets it. */
export function useAskedFor(name: string): boolean {
  const [search, setSearch] = useSearchParams();
  const [asked] = useState(() => search.has(name));
  useEffect(() => {
    if (!asked) return;
    setSearch(
      (known) => {
        known.delete(name);
        return known;
      },
      { replace: true },
    );
  }, [asked, name, setSearch]);
  return asked;
}
