import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import * as queries from "~/api/queries";
import { useCrumbs } from "~/app/crumbs";
import { RunnablePanel } from "~/pages/jobs/RunnablePanel";
import { ErrorNotice } from "~/parts/Notice";
import { SearchInput } from "~/parts/SearchInput";
import { Splitter, usePanel } from "~/parts/Splitter";
import { text } from "~/text";
import styles from "./ExplorerPage.module.css";
import { Listing } from "./Listing";
import { Tree } from "./Tree";
import { type ShownKind, useTrail } from "./useTrail";

function Found({ search }: { search: string }) {
  const found = useQuery({ ...queries.findWorkflows(search, 50), placeholderData: keepPreviousData });
  if (found.isError) return <ErrorNotice error={found.error} />;
  if (found.data?.results.length === 0) return <p className={styles.none}>{text.explorer.noMatch}</p>;
  return (
    <ul className={styles.found}>
      {found.data?.results.map(({ id, name }) => (
        <li key={id}>
          <Link href={`/workflows/${id}`} title={name}>
            <Workflow size={15} strokeWidth={1.75} aria-hidden />
            <span>{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

interface Shown {
  title: string;
  description: string;
  workspace: string | null;
  /** Ids of the containers above, and the container itself. */
  path: string[];
  error: Error | null;
}

function useShown(kind: ShownKind | null, id: string | null): Shown {
  const job = useQuery({ ...queries.job(id ?? ""), enabled: kind === "job" });
  const folderId = kind === "folder" ? id : (job.data?.folder_id ?? null);
  const folder = useQuery({ ...queries.folder(folderId ?? ""), enabled: folderId !== null });
  const bundle = useQuery({ ...queries.jobPackage(id ?? ""), enabled: kind === "job_package" });
  const container = kind === "job_package" ? bundle : folder;
  const workspaceId = kind === "workspace" ? id : (container.data?.workspace_id ?? null);
  const workspace = useQuery({ ...queries.workspace(workspaceId ?? ""), enabled: workspaceId !== null });
  const folders = useQuery({
    ...queries.folders(workspaceId ?? ""),
    enabled: folderId !== null && workspaceId !== null,
  });
  const byId = new Map((folders.data ?? []).map((each) => [each.id, each]));
  const above: string[] = [];
  for (let at = folderId; at !== null && !above.includes(at); at = byId.get(at)?.parent_id ?? null)
    above.push(at);
  const shown = { job, folder, job_package: bundle, workspace }[kind ?? "workspace"];
  if (kind === null) {
    return { title: text.nav.workspaces, description: "", workspace: null, path: [], error: null };
  }
  return {
    title: shown.data?.name ?? "",
    description: shown.data?.description ?? "",
    workspace: workspaceId,
    path: [workspaceId, ...above, id].filter((each) => each !== null),
    error: shown.error,
  };
}

/** The tree of workspaces beside what lies in the chosen place. */
export function ExplorerPage({ kind, id }: { kind: ShownKind | null; id: string | null }) {
  const trail = useTrail(kind ?? "workspace", id);
  useCrumbs(trail.map((crumb, index) => (index === trail.length - 1 ? { label: crumb.label } : crumb)));
  const panel = usePanel("tree", { size: 272, open: true });
  const shown = useShown(kind, id);
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  return (
    <div className={styles.page}>
      <aside className={styles.tree} style={{ width: panel.size }} aria-label={text.explorer.tree}>
        <SearchInput
          mb={8}
          size="sm"
          label={text.explorer.filter}
          placeholder={text.explorer.search}
          value={typed}
          onChange={setTyped}
        />
        <div className={styles.scroll}>
          {search === "" ? <Tree current={id} path={shown.path} /> : <Found search={search} />}
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
  );
}
