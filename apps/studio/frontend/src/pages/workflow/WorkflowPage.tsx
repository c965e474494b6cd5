import { ActionIcon, Tooltip } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { PanelBottom, PanelRight, Workflow as WorkflowIcon } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import { useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import type { ProblemOfNode, Workflow } from "~/api/types";
import { useExecution } from "~/api/useExecution";
import { useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { useRecent } from "~/app/recent";
import { readDiagram } from "~/graph/diagram";
import { useChannel } from "~/live/useChannel";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Splitter, usePanel } from "~/parts/Splitter";
import { text } from "~/text";
import { useTrail } from "../explorer/useTrail";
import { Canvas } from "./Canvas";
import { type WorkflowView, WorkflowViewProvider } from "./context";
import { Drawer } from "./Drawer";
import { Inspector } from "./Inspector";
import { RunBar } from "./RunBar";
import styles from "./WorkflowPage.module.css";
import { WorkflowSkeleton } from "./WorkflowSkeleton";

const NO_PROBLEMS: readonly ProblemOfNode[] = [];
const NO_SCHEMA = {};

/** A run uses connectors by the right of the author: one that the person looking may not use is no obstacle. */
const blocks = ({ severity, code }: ProblemOfNode) => severity === "error" && code !== "missing_connector";

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
  const select = useCallback((node: string | null) => set("node", node), [set]);
  const showRun = useCallback((execution: string) => set("execution", execution), [set]);
  return { node: search.get("node"), execution: search.get("execution"), select, showRun };
}

function useView(workflow: Workflow): WorkflowView {
  const looking = useLooking();
  const diagram = useMemo(() => readDiagram(workflow.workflow_diagram), [workflow.workflow_diagram]);
  const schema = useQuery(queries.schema(workflow.id));
  const { data: problems = NO_PROBLEMS } = useQuery(queries.problems(workflow));
  const runs = useQuery(queries.executions({ workflow: workflow.id, size: 10 }));
  const client = useQueryClient();
  const refreshRuns = () => void client.invalidateQueries({ queryKey: ["executions"] });
  // A run that someone else starts shows up by itself, unless another one was chosen.
  useChannel(`workflow:${workflow.id}`, { event: refreshRuns, resync: refreshRuns });
  const shown = looking.execution ?? runs.data?.results[0]?.id ?? null;
  const { data: execution } = useExecution(shown);
  const byId = useMemo(() => new Map(diagram.nodes.map((node) => [node.id, node])), [diagram]);
  const labelOf = useCallback((id: string) => byId.get(id)?.data.label ?? id, [byId]);
  const selected = looking.node === null ? null : (byId.get(looking.node) ?? null);
  return useMemo(
    () => ({
      workflow,
      diagram,
      schema: schema.data ?? NO_SCHEMA,
      problems,
      broken: problems.some(blocks),
      execution,
      selected,
      select: looking.select,
      showRun: looking.showRun,
      labelOf,
    }),
    [workflow, diagram, schema.data, problems, execution, selected, looking.select, looking.showRun, labelOf],
  );
}

function Loaded({ workflow }: { workflow: Workflow }) {
  const view = useView(workflow);
  const inspector = usePanel("inspector", { size: 336, open: window.innerWidth >= 1100 });
  const drawer = usePanel("drawer", { size: 264, open: true });
  const { select } = view;
  const { openPanel } = drawer;
  const onSelect = useCallback(
    (node: string | null) => {
      select(node);
      if (node !== null) openPanel();
    },
    [select, openPanel],
  );
  return (
    <WorkflowViewProvider value={view}>
      <div className={styles.page}>
        <RunBar />
        <div className={styles.left}>
          <div className={styles.canvas}>
            {view.diagram.nodes.length === 0 ? (
              <Notice icon={WorkflowIcon} title={text.workflow.emptyGraph} />
            ) : (
              <Canvas
                diagram={view.diagram}
                schema={view.schema}
                problems={view.problems}
                execution={view.execution}
                selected={view.selected?.id ?? null}
                onSelect={onSelect}
              />
            )}
            <div className={styles.toggles}>
              <PanelToggle
                label={text.workflow.drawer}
                open={drawer.open}
                onClick={drawer.toggle}
                icon={PanelBottom}
              />
              {view.selected && (
                <PanelToggle
                  label={text.workflow.inspector}
                  open={inspector.open}
                  onClick={inspector.toggle}
                  icon={PanelRight}
                />
              )}
            </div>
          </div>
          {drawer.open && (
            <section
              className={styles.drawer}
              style={{ height: drawer.size }}
              aria-label={text.workflow.drawer}
            >
              <Splitter
                edge="top"
                label={text.workflow.drawer}
                size={drawer.size}
                onResize={drawer.setSize}
                least={120}
                most={Math.max(160, window.innerHeight - 320)}
              />
              <Drawer />
            </section>
          )}
        </div>
        {inspector.open && view.selected && (
          <aside
            className={styles.inspector}
            style={{ width: inspector.size }}
            aria-label={text.workflow.inspector}
          >
            <Splitter
              edge="left"
              label={text.workflow.inspector}
              size={inspector.size}
              onResize={inspector.setSize}
              least={240}
              most={640}
            />
            <Inspector />
          </aside>
        )}
      </div>
    </WorkflowViewProvider>
  );
}

interface PanelToggleProps {
  label: string;
  open: boolean;
  onClick: () => void;
  icon: typeof PanelRight;
}

function PanelToggle({ label, open, onClick, icon: Icon }: PanelToggleProps) {
  const name = `${open ? text.workflow.hide : text.workflow.show} ${label}`;
  return (
    <Tooltip label={name}>
      <ActionIcon variant="default" size="lg" aria-label={name} aria-pressed={open} onClick={onClick}>
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}

export default function WorkflowPage({ id }: { id: string }) {
  const answer = useQuery(queries.workflow(id));
  const workflow = answer.data;
  const trail = useTrail("job", workflow?.job_id ?? null);
  const [, remember] = useRecent(useBoot().user.id);
  const name = workflow?.name;
  useCrumbs([...trail, { label: name ?? "" }]);
  useEffect(() => {
    if (name !== undefined) remember({ id, name });
  }, [id, name, remember]);
  if (answer.isError) return <ErrorNotice error={answer.error} retry={() => void answer.refetch()} />;
  if (workflow === undefined) return <WorkflowSkeleton />;
  return (
    <ReactFlowProvider>
      <Loaded workflow={workflow} />
    </ReactFlowProvider>
  );
}
