import { Button, Loader, SegmentedControl, Select, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { FlaskConical, RefreshCw } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { DiagramNode } from "~/graph/diagram";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import styles from "../Drawer.module.css";
import { ChangeSummary, ChangesView, useChanges } from "./ChangesView";
import { useMocks } from "./mockStore";
import { SampleBody } from "./SampleBody";
import { useBefore } from "./useBefore";
import { useInputs } from "./useInputs";
import { useNodeSample } from "./useNodeSample";

const MockEditor = lazy(() => import("./MockEditor"));
const words = text.inspector;

type Side = "before" | "after" | "changes";

/** Rows of a sample of the node: those that came, those that left, or what changed. */
export function SampleRows({ node, switcher }: { node: DiagramNode; switcher: ReactNode }) {
  const { workflow } = useWorkflowView();
  const [mocks, setMocks] = useMocks(workflow.id, node.id);
  const [editing, setEditing] = useState(false);
  const after = useNodeSample(node.id, mocks);
  const inputs = useInputs(node);
  const [wanted, setSide] = useLocalStorage<Side>({
    key: "uzo-rows-side",
    defaultValue: "after",
    getInitialValueInEffect: false,
  });
  const side = inputs.length === 0 ? "after" : wanted;
  const [chosen, setPort] = useState<string | null>(null);
  const input = inputs.find(({ port }) => port === chosen) ?? inputs[0];
  const before = useBefore(input, mocks, side !== "after");
  const changes = useChanges(node, side === "changes" ? before.data : null, after.data);
  const shown = side === "before" ? before : after;
  return (
    <div className={styles.rows}>
      <div className={styles.bar}>
        {switcher}
        {inputs.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label={words.changes.view}
            value={side}
            onChange={(next) => setSide(next as Side)}
            data={[
              { value: "before", label: words.changes.before },
              { value: "after", label: words.changes.after },
              { value: "changes", label: words.changes.changes },
            ]}
          />
        )}
        {inputs.length > 1 && side !== "after" && (
          <Select
            size="xs"
            w={96}
            data={inputs.map(({ port }) => port)}
            value={input?.port ?? null}
            onChange={setPort}
            allowDeselect={false}
            aria-label={words.changes.input}
          />
        )}
        {side === "changes"
          ? changes && (
              <span className={`${styles.told} ${styles.changes}`}>
                <ChangeSummary changes={changes} />
              </span>
            )
          : shown.data && (
              <>
                <span className={`${styles.told} ${styles.count} numbers`}>
                  {text.drawer.of(shown.data.rows.length, shown.data.row_count ?? shown.data.rows.length)}
                </span>
                <span className={styles.when}>
                  {text.drawer.sampled} <Time at={shown.data.read_at ?? shown.data.at} />
                </span>
              </>
            )}
        <Tooltip label={text.drawer.refresh}>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<RefreshCw size={13} />}
            aria-label={text.drawer.refresh}
            onClick={() => {
              if (side !== "after") before.read();
              after.read();
            }}
            disabled={after.busy || after.obstacle !== null}
          >
            <span className={styles.narrow}>{text.drawer.again}</span>
          </Button>
        </Tooltip>
        <span className={styles.spring} />
        {(shown.busy || (side === "changes" && before.busy)) && shown.data && <Loader size="xs" />}
        {inputs.length > 0 && <MockButton used={mocks !== null} onClick={() => setEditing(true)} />}
      </div>
      <div className={styles.grid}>
        {side === "changes" && changes !== null && before.data && after.data ? (
          <ChangesView node={node} before={before.data} after={after.data} changes={changes} />
        ) : (
          <SampleBody
            label={side === "before" ? `${node.data.label}: ${words.changes.before}` : node.data.label}
            sample={side === "changes" && (before.data === null || before.error) ? before : shown}
          />
        )}
      </div>
      {editing && (
        <Suspense>
          <MockEditor
            node={node}
            inputs={inputs}
            mocks={mocks}
            onChange={setMocks}
            onClose={() => setEditing(false)}
          />
        </Suspense>
      )}
    </div>
  );
}

function MockButton({ used, onClick }: { used: boolean; onClick: () => void }) {
  return (
    <Tooltip label={used ? words.mocks.badgeHint : words.mocks.editHint} multiline maw={280}>
      <Button
        size="compact-xs"
        variant={used ? "light" : "subtle"}
        color={used ? "orange" : "gray"}
        leftSection={<FlaskConical size={13} />}
        data-used={used}
        className={styles.mock ?? ""}
        aria-label={used ? words.mocks.badge : words.mocks.edit}
        onClick={onClick}
      >
        <span className={styles.narrow}>{used ? words.mocks.badge : words.mocks.edit}</span>
      </Button>
    </Tooltip>
  );
}
