import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import * as queries from "~/api/queries";
import { place } from "~/api/tree";
import { useCrumbs } from "~/app/crumbs";
import { RunnablePanel } from "~/pages/jobs/RunnablePanel";
import { ErrorNotice } from "~/parts/Notice";
import { SearchInput } from "~/parts/SearchInput";
import { Splitter, usePanel } from "~/parts/Splitter";
import { text } from "~/text";
import styles from "./ExplorerPage.module.css";
import { Found, intoHits } from "./Found";
import type { ShownKind } from "./kinds";
import { Listing } from "./Listing";
import { MovingProvider } from "./moving";
import { Tree } from "./Tree";
import { useTrail } from "./useTrail";

interface Shown {
  title: string;
  description: string;
  workspace: string | null;
  error: Error | null;
}

function useShown(kind: ShownKind | null, id: string | null): Shown {
  const job = useQuery({ ...queries.job(id ?? ""), enabled: kind === "job" });
  const folderId = kind === "folder" ? id : (job.data?.folder_id ?? null);
  const folder = useQuery({ ...queries.folder(folderId ?? ""), enabled: folderId !== null });
  const bundle = useQuery({ ...queries.jobPackage(id ?? ""), enabled: kind === "job_package" });
  const workspace = useQuery({ ...queries.workspace(id ?? ""), enabled: kind === "workspace" });
  if (kind === null) return { title: text.nav.workspaces, description: "", workspace: null, error: null };
  const container = kind === "job_package" ? bundle : folder;
  const shown = { job, folder, job_package: bundle, workspace }[kind];
  return {
    title: shown.data?.name ?? "",
    description: shown.data?.description ?? "",
    workspace: kind === "workspace" ? id : (container.data?.workspace_id ?? null),
    error: shown.error,
  };
}

/** The tree of workspaces beside what lies in the chosen place. */
export function ExplorerPage({ kind, id }: { kind: ShownKind | null; id: string | null }) {
  const trail = useTrail(id);
  useCrumbs(trail.map((crumb, index) => (index === trail.length - 1 ? { label: crumb.label } : crumb)));
  const panel = usePanel("tree", { size: 272, open: true });
  const shown = useShown(kind, id);
  const here = useQuery({ ...place(id ?? ""), enabled: id !== null });
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const field = useRef<HTMLInputElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const focusField = () => field.current?.focus();
  const clear = () => {
    setTyped("");
    focusField();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape" && typed !== "") clear();
    else if (!["ArrowDown", "Enter"].includes(event.key) || typed.trim() !== search) return;
    else if (!intoHits(scroll.current)) return;
    event.preventDefault();
    if (event.key === "Enter") (document.activeElement as HTMLElement).click();
  };
  return (
    <MovingProvider>
      <div className={styles.page}>
        <aside className={styles.tree} style={{ width: panel.size }} aria-label={text.explorer.tree}>
          <SearchInput
            ref={field}
            m={8}
            size="sm"
            label={text.explorer.filter}
            placeholder={text.explorer.search}
            value={typed}
            onChange={setTyped}
            onKeyDown={press}
          />
          <div className={styles.scroll} ref={scroll}>
            {search === "" ? (
              <Tree
                current={id}
                path={here.data ? [...here.data.path.map((step) => step.id), here.data.id] : []}
              />
            ) : (
              <Found search={search} onClear={clear} onLeave={focusField} />
            )}
          </div>
          <Splitter
            edge="right"
            label={text.explorer.tree}
            size={panel.size}
            onResize={panel.setSize}
            least={200}
            most={480}
          />
        </aside>
        {shown.error ? (
          <ErrorNotice error={shown.error} />
        ) : kind === "job" || kind === "job_package" ? (
          id !== null && <RunnablePanel key={id} of={{ kind, id }} workspace={shown.workspace} />
        ) : (
          <Listing
            key={id}
            kind={kind}
            id={id}
            workspace={shown.workspace}
            title={shown.title}
            description={shown.description}
          />
        )}
      </div>
    </MovingProvider>
  );
}
