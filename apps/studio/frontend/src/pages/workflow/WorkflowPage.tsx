import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import type { NodeTypeDoc, ProblemOfNode, Workflow } from "~/api/types";
import { useExecution } from "~/api/useExecution";
import { type Version, version as versionQuery, versionsKey } from "~/api/versions";
import { useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { useRecent } from "~/app/recent";
import { readDiagram } from "~/graph/diagram";
import { byOperation } from "~/graph/editing/palette";
import { idOf, type RawDiagram, rawNodes, sameMeaning } from "~/graph/editing/raw";
import { partsOf } from "~/graph/plan";
import { useChannel } from "~/live/useChannel";
import { ErrorNotice } from "~/parts/Notice";
import { useTrail } from "../explorer/useTrail";
import { type WorkflowView, WorkflowViewProvider } from "./context";
import { Actions, type Types } from "./editor/actions";
import { Editor } from "./editor/store";
import { useAnalysis } from "./editor/useAnalysis";
import { EditorProvider, useEditor, useEditorState } from "./editor/useEditor";
import { WorkflowSkeleton } from "./WorkflowSkeleton";
import { Workspace } from "./Workspace";

const NO_TYPES: Types = new Map();

/** A run uses connectors by the right of the author: one that the person looking may not use is no obstacle. */
const blocks =
  (readOnly: boolean) =>
  ({ severity, code }: ProblemOfNode) =>
    severity === "error" && !(readOnly && code === "missing_connector");

/** What is looked at is in the address, so that a link shows the same: `?node=…&execution=…`. */
function useLooking() {
  const [search, setSearch] = useSearchParams();
  const set = useCallback(
    (key: string, value: string | null) =>
      setSearch(
        (known) => {
          const next = new URLSearchParams(known);
          if (value === null) next.delete(key);
          else next.set(key, value);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  const showNode = useCallback((node: string | null) => set("node", node), [set]);
  const showRun = useCallback((execution: string) => set("execution", execution), [set]);
  const showVersion = useCallback((version: string | null) => set("version", version), [set]);
  return {
    node: search.get("node"),
    execution: search.get("execution"),
    version: search.get("version"),
    showNode,
    showRun,
    showVersion,
  };
}

/** Counts saves that changed the meaning. */
function useMeaning(): number {
  const saved = useEditorState((state) => state.save.saved);
  const seen = useRef<{ saved: RawDiagram; count: number }>({ saved, count: 0 });
  if (seen.current.saved !== saved) {
    const { count } = seen.current;
    seen.current = { saved, count: sameMeaning(seen.current.saved, saved) ? count : count + 1 };
  }
  return seen.current.count;
}

function useStored(): (node: string) => boolean {
  const saved = useEditorState((state) => state.save.saved);
  return useMemo(() => {
    const ids = new Set(rawNodes(saved).map(idOf));
    return (node: string) => ids.has(node);
  }, [saved]);
}

interface Opened {
  workflow: Workflow;
  mayWrite: boolean;
  mayRun: boolean;
  past: Version | null;
}

function useView({ workflow, mayWrite, mayRun, past }: Opened, actions: Actions): WorkflowView {
  const editor = useEditor();
  const { readOnly } = editor;
  const looking = useLooking();
  const raw = useEditorState((state) => state.history.present.value);
  const chosen = useEditorState((state) => state.selection.nodes);
  const diagram = useMemo(() => readDiagram(raw), [raw]);
  const { problems, schema, plan, pending } = useAnalysis(workflow, raw, readOnly && past === null);
  const meaning = useMeaning();
  const phase = useEditorState((state) => state.save.phase);
  const settled =
    pending || phase === "waiting" || phase === "saving" ? "soon" : phase === "saved" ? "yes" : "no";
  const isStored = useStored();
  const parts = useMemo(() => partsOf(plan), [plan]);
  const runs = useQuery(queries.executions({ workflow: workflow.id, size: 10 }));
  const client = useQueryClient();
  const reread = () =>
    void client.invalidateQueries({ queryKey: queries.workflow(workflow.id).queryKey, exact: true });
  const relist = () => void client.invalidateQueries({ queryKey: versionsKey(workflow.id) });
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["executions"] });
    reread();
    relist();
  };
  // A run that someone else starts shows up by itself, unless another one was chosen; so do their changes.
  useChannel(`workflow:${workflow.id}`, {
    event: (event, data) => {
      if (event === "workflow_saved") {
        relist();
        if (past !== null) reread();
        else editor.announced((data as { version: number }).version);
      } else if (event === "workflow_lock") reread();
      else if (event === "workflow_versions") relist();
      else void client.invalidateQueries({ queryKey: ["executions"] });
    },
    resync: refresh,
  });
  // The same where the workflow was read again, because the window was in the background or the line was cut.
  useEffect(() => {
    if (past === null) editor.announced(workflow.version);
  }, [editor, workflow.version, past]);

  const shown = looking.execution ?? (past === null ? runs.data?.results[0]?.id : null) ?? null;
  const chosenRun = looking.execution !== null;
  const { data: execution } = useExecution(shown);
  const byId = useMemo(() => new Map(diagram.nodes.map((node) => [node.id, node])), [diagram]);
  const labelOf = useCallback((id: string) => byId.get(id)?.data.label ?? id, [byId]);
  const [first] = chosen;
  const selected = chosen.size === 1 && first !== undefined ? (byId.get(first) ?? null) : null;
  const selectedId = selected?.id ?? null;
  const { showNode, node: inAddress } = looking;
  useEffect(() => {
    if (selectedId !== inAddress) showNode(selectedId);
  }, [selectedId, inAddress, showNode]);
  const select = useCallback((node: string | null) => editor.select(node === null ? [] : [node]), [editor]);
  const broken = useMemo(() => problems.some(blocks(readOnly)), [problems, readOnly]);
  return useMemo(
    () => ({
      workflow,
      actions,
      diagram,
      schema,
      parts,
      problems,
      broken,
      settled,
      isStored,
      meaning,
      readOnly,
      mayWrite,
      mayRun,
      past,
      showVersion: looking.showVersion,
      execution,
      chosenRun,
      selected,
      select,
      showRun: looking.showRun,
      labelOf,
    }),
    [
      workflow,
      actions,
      diagram,
      schema,
      parts,
      problems,
      broken,
      settled,
      isStored,
      meaning,
      readOnly,
      mayWrite,
      mayRun,
      past,
      looking.showVersion,
      execution,
      chosenRun,
      selected,
      select,
      looking.showRun,
      labelOf,
    ],
  );
}

function Loaded({ types, ...opened }: Opened & { types: readonly NodeTypeDoc[] }) {
  const editor = useEditor();
  const flow = useReactFlow();
  const canvas = useRef<HTMLDivElement>(null);
  const known = useMemo<Types>(() => (types.length > 0 ? byOperation(types) : NO_TYPES), [types]);
  const actions = useMemo(
    () => new Actions(editor, known, flow as never, () => canvas.current),
    [editor, known, flow],
  );
  const view = useView(opened, actions);
  return (
    <WorkflowViewProvider value={view}>
      <Workspace view={view} types={types} canvas={canvas} />
    </WorkflowViewProvider>
  );
}

interface EditedProps extends Opened {
  types: readonly NodeTypeDoc[];
  readOnly: boolean;
}

/** The editor lives as long as the page shows this workflow; what is read again later only informs it. */
function Edited({ workflow, mayWrite, mayRun, past, types, readOnly }: EditedProps) {
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [editor] = useState(() => {
    const drawn = past === null ? workflow : { ...workflow, workflow_diagram: past.workflow_diagram };
    return new Editor(workflow.id, client, readOnly, drawn, search.get("node"));
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (editor.dirty) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      void editor.flush();
    };
  }, [editor]);
  return (
    <EditorProvider value={editor}>
      <ReactFlowProvider>
        <Loaded workflow={workflow} mayWrite={mayWrite} mayRun={mayRun} past={past} types={types} />
      </ReactFlowProvider>
    </EditorProvider>
  );
}

export default function WorkflowPage({ id }: { id: string }) {
  const answer = useQuery(queries.workflow(id));
  const workflow = answer.data;
  const trail = useTrail(id);
  const { user } = useBoot();
  const permission = useQuery({ ...queries.permission("workflow", id, "write"), enabled: !user.is_owner });
  const running = useQuery({ ...queries.permission("workflow", id, "execute"), enabled: !user.is_owner });
  const types = useQuery(queries.nodeTypes());
  const [search] = useSearchParams();
  const pastId = search.get("version");
  const past = useQuery({ ...versionQuery(pastId ?? ""), enabled: pastId !== null });
  const [, remember] = useRecent(user.id);
  const name = workflow?.name;
  useCrumbs(answer.isError ? trail : [...trail.slice(0, -1), { label: name ?? "" }]);
  useEffect(() => {
    if (name !== undefined) remember({ id, name });
  }, [id, name, remember]);
  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (types.isError) return <ErrorNotice error={types.error} retry={() => void types.refetch()} />;
  if (permission.isError) {
    return <ErrorNotice error={permission.error} retry={() => void permission.refetch()} />;
  }
  if (running.isError) return <ErrorNotice error={running.error} retry={() => void running.refetch()} />;
  if (past.isError) return <ErrorNotice error={past.error} retry={() => void past.refetch()} />;
  const mayWrite = user.is_owner || permission.data?.allowed;
  const mayRun = user.is_owner || running.data?.allowed;
  if (workflow === undefined || types.data === undefined || mayWrite === undefined || mayRun === undefined)
    return <WorkflowSkeleton />;
  const shown = pastId === null ? null : past.data;
  if (shown === undefined) return <WorkflowSkeleton />;
  const held = workflow.lock !== null && workflow.lock.holder.id !== user.id;
  const readOnly = !mayWrite || held || shown !== null;
  return (
    <Edited
      // An editor is for one version, and for looking or for changing.
      key={`${shown?.id ?? "current"}:${readOnly}`}
      workflow={workflow}
      mayWrite={mayWrite}
      mayRun={mayRun}
      past={shown}
      types={types.data}
      readOnly={readOnly}
    />
  );
}
