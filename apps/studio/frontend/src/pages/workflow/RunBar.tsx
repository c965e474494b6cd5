import { ActionIcon, Badge, Button, HoverCard, Text, Tooltip } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, Eye, Play, Settings2, Square, TriangleAlert } from "lucide-react";
import { type RefObject, useState } from "react";
import { api, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import type { ProblemOfNode } from "~/api/types";
import { duration } from "~/format/numbers";
import { counts, type ExecutionState, isOver } from "~/graph/execution";
import { ShareButton } from "~/pages/sharing/ShareButton";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { RunProgress } from "~/parts/RunProgress";
import { Status } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { useNow } from "~/parts/useNow";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import { SaveStatus } from "./editor/SaveStatus";
import { useEditor } from "./editor/useEditor";
import { LockStatus } from "./LockStatus";
import { RunDialog } from "./RunDialog";
import styles from "./WorkflowPage.module.css";
import { WorkflowSettings } from "./WorkflowSettings";

function Problems({ problems }: { problems: readonly ProblemOfNode[] }) {
  const { labelOf, select } = useWorkflowView();
  const errors = problems.filter((problem) => problem.severity === "error").length;
  if (problems.length === 0) return null;
  return (
    <HoverCard width={380} position="bottom-end" shadow="md">
      <HoverCard.Target>
        <Badge
          component="button"
          variant="light"
          size="lg"
          tt="none"
          fw={500}
          color={errors > 0 ? "red" : "orange"}
          leftSection={errors > 0 ? <CircleAlert size={14} /> : <TriangleAlert size={14} />}
        >
          {text.workflow.problems(errors, problems.length - errors)}
        </Badge>
      </HoverCard.Target>
      <HoverCard.Dropdown p={4} mah={360} style={{ overflowY: "auto" }}>
        {problems.map((problem, index) => (
          <button
            type="button"
            // biome-ignore lint/suspicious/noArrayIndexKey: problems have no identity of their own
            key={index}
            className={styles.problem}
            onClick={() => problem.node_id !== null && select(problem.node_id)}
          >
            <Text size="xs" fw={600}>
              {problem.node_id === null ? text.workflow.graphProblems : labelOf(problem.node_id)}
            </Text>
            <Text
              size="xs"
              c={problem.severity === "error" ? "var(--status-failed)" : "var(--status-cancelled)"}
            >
              {problem.message}
            </Text>
          </button>
        ))}
      </HoverCard.Dropdown>
    </HoverCard>
  );
}

/** How long it will probably still take, from how long it took before. */
function Expected({ execution }: { execution: ExecutionState }) {
  const now = useNow(true);
  if (!execution.estimated_completion) return null;
  const left = (at: string) => duration(Math.max(0, Date.parse(at) - now));
  const [earliest, latest] = execution.estimated_completion_interval ?? [];
  return (
    <Tooltip
      label={earliest && latest && text.workflow.between(left(earliest), left(latest))}
      disabled={!earliest || !latest}
    >
      <span className={`${styles.muted} ${styles.wide} numbers`}>
        {text.workflow.expected(left(execution.estimated_completion))}
      </span>
    </Tooltip>
  );
}

function Shown({ execution }: { execution: ExecutionState | undefined }) {
  if (execution === undefined) return <span className={styles.muted}>{text.workflow.neverRun}</span>;
  const { done, all } = counts(execution);
  const over = isOver(execution.status);
  const took =
    execution.started_at && execution.finished_at
      ? Date.parse(execution.finished_at) - Date.parse(execution.started_at)
      : null;
  return (
    <>
      <Status status={execution.status} />
      {execution.waiting_for && (
        <span className={styles.muted}>
          {text.waitingFor[execution.waiting_for] ?? execution.waiting_for}
        </span>
      )}
      {!over && all > 0 && (
        <span className={`${styles.muted} numbers`}>{text.workflow.progress(done, all)}</span>
      )}
      {!over && <Expected execution={execution} />}
      {over && took !== null && <span className={`${styles.muted} numbers`}>{duration(took)}</span>}
      {over && execution.warnings > 0 && (
        <span className={`${styles.muted} ${styles.wide}`}>{text.runs.warnings(execution.warnings)}</span>
      )}
      {over && (
        <span className={`${styles.muted} ${styles.wide}`}>
          <Time at={execution.finished_at} />
        </span>
      )}
      <ExecutionLabel id={execution.id} />
      {execution.error && (
        <Tooltip label={execution.error.remedy || execution.error.message} multiline maw={420}>
          <Text size="sm" className={styles.clip} c="var(--status-failed)">
            {execution.error.message}
          </Text>
        </Tooltip>
      )}
    </>
  );
}

/** The bar above the canvas: the run that is shown, what is wrong, and the button that runs. */
export function RunBar({ runButton }: { runButton: RefObject<HTMLButtonElement | null> }) {
  const editor = useEditor();
  const { workflow, diagram, execution, showRun, problems, broken, readOnly, mayRun, mayWrite, past } =
    useWorkflowView();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [setting, setSetting] = useState(false);
  const [insisting, setInsisting] = useState(false);
  const declared = Object.keys(workflow.parameters ?? {});

  const start = useMutation({
    mutationFn: async (parameters: Record<string, unknown>) => {
      // What runs is what is saved.
      if (!(await editor.flush())) throw new Error(text.editor.leave);
      return api.act<ExecutionState>(`workflows/${workflow.id}/execute`, { parameters }, crypto.randomUUID());
    },
    onSuccess: async (started) => {
      client.setQueryData(queries.execution(started.id).queryKey, started);
      setAsking(false);
      showRun(started.id);
      await client.invalidateQueries({ queryKey: ["executions"] });
    },
  });
  const cancel = useMutation({
    mutationFn: (id: string) => api.post<ExecutionState>(`executions/${id}/cancel`),
  });
  const going = execution !== undefined && !isOver(execution.status);
  const refusal = start.error ?? cancel.error;
  const hindered = !mayRun
    ? text.workflow.mayNotRun
    : broken
      ? text.workflow.cannotRun
      : diagram.nodes.length === 0
        ? text.workflow.nothingToRun
        : null;

  return (
    <div className={styles.bar} style={{ position: "relative" }}>
      <Shown execution={execution} />
      <span className={styles.spring} />
      {insisting && hindered !== null && (
        <Text size="sm" className={styles.clip} c="var(--status-failed)" role="alert">
          {hindered}
        </Text>
      )}
      {refusal && !asking && (
        <Tooltip
          label={(refusal instanceof Problem && refusal.remedy) || refusal.message}
          multiline
          maw={420}
        >
          <Text size="sm" className={styles.clip} c="var(--status-failed)" role="alert">
            {refusal.message}
          </Text>
        </Tooltip>
      )}
      {readOnly ? (
        <Badge variant="light" color="gray" tt="none" fw={500} size="lg" leftSection={<Eye size={14} />}>
          {text.workflow.readOnly}
        </Badge>
      ) : (
        <SaveStatus />
      )}
      <LockStatus />
      <Problems problems={problems} />
      <Tooltip label={text.workflow.settings.title}>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={text.workflow.settings.title}
          onClick={() => setSetting(true)}
        >
          <Settings2 size={16} strokeWidth={1.75} />
        </ActionIcon>
      </Tooltip>
      <ShareButton object={{ type: "workflow", id: workflow.id, name: workflow.name }} />
      {past !== null ? null : going ? (
        <Button
          variant="default"
          leftSection={<Square size={14} />}
          loading={cancel.isPending}
          onClick={() => cancel.mutate(execution.id)}
        >
          {text.workflow.cancelRun}
        </Button>
      ) : (
        <Tooltip label={hindered} disabled={hindered === null}>
          <Button
            ref={runButton}
            leftSection={<Play size={14} fill="currentColor" />}
            loading={start.isPending}
            // One that is really disabled hears no pointer, and could not say why it is.
            {...(hindered !== null && { "data-disabled": true, "aria-disabled": true })}
            onClick={() => {
              setInsisting(hindered !== null);
              if (hindered !== null) return;
              if (declared.length > 0) setAsking(true);
              else start.mutate({});
            }}
          >
            {text.workflow.run}
          </Button>
        </Tooltip>
      )}
      {going && (
        <div className={styles.progress}>
          <RunProgress run={execution} />
        </div>
      )}
      {setting && (
        <WorkflowSettings workflow={workflow} mayWrite={mayWrite} onClose={() => setSetting(false)} />
      )}
      <RunDialog
        opened={asking}
        parameters={workflow.parameters ?? {}}
        busy={start.isPending}
        error={start.error}
        onClose={() => setAsking(false)}
        onRun={(values) => start.mutate(values)}
      />
    </div>
  );
}
