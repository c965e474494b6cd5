import { Button, Tabs, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MousePointerClick, StepForward } from "lucide-react";
import { lazy, Suspense } from "react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import type { NodeTypeDoc, ProblemOfNode } from "~/api/types";
import { type DiagramNode, operationOf } from "~/graph/diagram";
import { rename, setData } from "~/graph/editing/commands";
import { configForm } from "~/graph/editing/configForm";
import { typeOf } from "~/graph/editing/connecting";
import { type ExecutionState, isOver } from "~/graph/execution";
import { nodeIcon } from "~/parts/icons";
import { Notice } from "~/parts/Notice";
import { text } from "~/text";
import { ConfigView } from "./ConfigView";
import { useWorkflowView } from "./context";
import { useEditor } from "./editor/useEditor";
import styles from "./Inspector.module.css";
import { ColumnsView } from "./inspector/ColumnsView";
import { FormSkeleton } from "./inspector/FormSkeleton";
import { usePlanShown } from "./usePlanShown";

/** Forms bring the expression editor with them: they come behind the canvas, which is what is waited for. */
const forms = () => import("./inspector/ConfigForm");
const ConfigForm = lazy(() => forms().then(({ ConfigForm }) => ({ default: ConfigForm })));
const SettingsForm = lazy(() => forms().then(({ SettingsForm }) => ({ default: SettingsForm })));
const DocsView = lazy(() => import("./DocsView").then(({ DocsView }) => ({ default: DocsView })));

// Before the first node is selected, and after the canvas was drawn; where it fails, the form asks again.
window.setTimeout(() => void forms().catch(() => undefined), 300);

function Header({ node }: { node: DiagramNode }) {
  const editor = useEditor();
  const { parts } = useWorkflowView();
  const [planned] = usePlanShown();
  const part = planned ? parts.get(node.id) : undefined;
  const operation = operationOf(node.data);
  const Icon = nodeIcon(node.data.nodeType, operation, node.data.icon);
  const change = (what: string, value: string, edit: typeof rename) =>
    editor.change({ what, key: `${what}:${node.id}` }, (raw) => edit(raw, node.id, value));
  return (
    <header className={styles.header} data-category={node.data.nodeType}>
      <span className={styles.tile} aria-hidden>
        <Icon size={18} strokeWidth={1.75} />
      </span>
      <div className={styles.title}>
        <h2>
          {editor.readOnly ? (
            node.data.label
          ) : (
            <TextInput
              variant="unstyled"
              aria-label={text.editor.form.name}
              data-node-name
              classNames={{ input: styles.name ?? "" }}
              value={node.data.label}
              onChange={({ currentTarget: { value } }) => change(text.editor.did.rename, value, rename)}
              onKeyDown={(event) => {
                if (event.key === "Enter") event.currentTarget.blur();
              }}
            />
          )}
        </h2>
        <p>
          {node.data.nodeType}
          {operation && ` · ${operation}`}
        </p>
        {part && <p>{text.plan.of(part)}</p>}
      </div>
    </header>
  );
}

/** Why the node failed in the run that is shown, and the way on. */
function Failure({ node, execution }: { node: DiagramNode; execution: ExecutionState | undefined }) {
  const editor = useEditor();
  const client = useQueryClient();
  const state = execution?.nodes.find((each) => each.node_id === node.id);
  const resume = useMutation({
    mutationFn: async (id: string) => {
      // What was mended here is what goes on.
      if (!(await editor.flush())) throw new Error(text.editor.leave);
      return api.post<ExecutionState>(`executions/${id}/resume`, { version: "latest" });
    },
    onSuccess: async (going) => {
      client.setQueryData(queries.execution(going.id).queryKey, going);
      await client.invalidateQueries({ queryKey: ["executions"] });
    },
  });
  if (execution === undefined || !state?.error) return null;
  const over = isOver(execution.status) && execution.status !== "success";
  return (
    <div className={styles.failure} role="alert">
      <strong>{text.editor.resume.failed}</strong>
      <p>{state.error.message}</p>
      {state.error.remedy && <p className={styles.remedy}>{state.error.remedy}</p>}
      {resume.error && <p>{resume.error.message}</p>}
      {over && (
        <Button
          size="xs"
          variant="default"
          title={text.editor.resume.hint}
          leftSection={<StepForward size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(execution.id)}
        >
          {text.editor.resume.here}
        </Button>
      )}
    </div>
  );
}

/** Problems that no field of the form shows: those of ports, and of settings that do not exist. */
function elsewhere(problems: readonly ProblemOfNode[], type: NodeTypeDoc | null): ProblemOfNode[] {
  if (type === null) return [...problems];
  const { own, common } = configForm(type.config_schema);
  const keys = new Set([...own, ...common].map(({ key }) => key));
  return problems.filter(({ field }) => {
    const [head, key] = (field ?? "").split(".");
    return field !== "connectorId" && !(head === "config" && keys.has((key ?? "").replace(/\[.*/, "")));
  });
}

function Description({ node }: { node: DiagramNode }) {
  const editor = useEditor();
  return (
    <Textarea
      size="xs"
      mb="md"
      label={text.editor.form.description}
      description={text.editor.form.descriptionHint}
      autosize
      maxRows={8}
      value={node.data.description}
      onChange={({ currentTarget: { value } }) =>
        editor.change({ what: text.editor.did.write, key: `description:${node.id}` }, (raw) =>
          setData(raw, node.id, "description", value),
        )
      }
    />
  );
}

/** The panel on the right: everything about the selected node. */
export function Inspector() {
  const { selected, problems: all, readOnly, actions, execution } = useWorkflowView();
  if (selected === null) {
    return (
      <Notice icon={MousePointerClick} title={text.workflow.chooseNode}>
        {text.workflow.chooseNodeHint}
      </Notice>
    );
  }
  const operation = operationOf(selected.data);
  const type = typeOf(selected, actions.types) as NodeTypeDoc | null;
  const problems = all.filter((problem) => problem.node_id === selected.id);
  const listed = readOnly ? problems : elsewhere(problems, type);
  return (
    <>
      <Header node={selected} />
      <Failure node={selected} execution={execution} />
      {listed.length > 0 && (
        <ul className={styles.problems}>
          {listed.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: problems have no identity of their own
            <li key={index} data-severity={problem.severity}>
              {problem.message}
            </li>
          ))}
        </ul>
      )}
      <Tabs
        defaultValue="config"
        className={styles.tabs ?? ""}
        classNames={{ tab: styles.tab ?? "" }}
        keepMounted={false}
      >
        <Tabs.List px={8}>
          <Tabs.Tab value="config">{text.node.tab.config}</Tabs.Tab>
          <Tabs.Tab value="columns">{text.node.tab.columns}</Tabs.Tab>
          {!readOnly && <Tabs.Tab value="settings">{text.node.settings}</Tabs.Tab>}
          <Tabs.Tab value="docs">{text.node.tab.docs}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="config" className={styles.panel ?? ""}>
          {readOnly ? (
            <ConfigView key={selected.id} node={selected} problems={problems} />
          ) : (
            <Suspense fallback={<FormSkeleton />}>
              <ConfigForm key={selected.id} node={selected} problems={problems} type={type} />
            </Suspense>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="columns" className={styles.panel ?? ""}>
          <ColumnsView />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={styles.panel ?? ""}>
          <Description node={selected} />
          <Suspense fallback={<FormSkeleton />}>
            <SettingsForm key={selected.id} node={selected} problems={problems} type={type} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="docs" className={styles.panel ?? ""}>
          <Suspense fallback={<FormSkeleton />}>
            <DocsView category={selected.data.nodeType} operation={operation} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
