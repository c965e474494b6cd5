import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { text } from "~/text";

export interface Crumb {
  label: string;
  href?: string;
}

const Known = createContext<readonly Crumb[]>([]);
const Tell = createContext<(crumbs: readonly Crumb[]) => void>(() => undefined);

export function CrumbsProvider({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<readonly Crumb[]>([]);
  return (
    <Tell.Provider value={setCrumbs}>
      <Known.Provider value={crumbs}>{children}</Known.Provider>
    </Tell.Provider>
  );
}

export const useKnownCrumbs = () => useContext(Known);

/** The last crumb of a page about one thing: its name as soon as that is known, none where it cannot be read. */
export const lastCrumb = (name: string | undefined, failed: boolean): Crumb[] =>
  failed ? [] : [{ label: name ?? "" }];

/** Tell the top bar and the window's title where we are; an empty label is still loading. */
export function useCrumbs(crumbs: readonly Crumb[]): void {
  const tell = useContext(Tell);
  const key = JSON.stringify(crumbs);
  const stable = useMemo(() => JSON.parse(key) as readonly Crumb[], [key]);
  useEffect(() => {
    tell(stable);
    const last = stable.at(-1)?.label;
    document.title = last ? `${last} · ${text.product}` : text.product;
  }, [tell, stable]);
}
