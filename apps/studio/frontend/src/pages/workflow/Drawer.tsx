import { Tabs } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Columns3, History, Repeat, Rows3, ScrollText } from "lucide-react";
import { useState } from "react";
import { Iterations } from "~/pages/executions/Iterations";
import { LogList } from "~/parts/LogList";
import { Notice } from "~/parts/Notice";
import { text } from "~/text";
import { useWorkflowView } from "./context";
import styles from "./Drawer.module.css";
import { ColumnsView } from "./inspector/ColumnsView";
import { RowsView } from "./RowsView";
import { RunsView } from "./RunsView";

function Logs() {
  const { execution, selected, labelOf } = useWorkflowView();
  const [everyNode, setEveryNode] = useState<string | null>(null);
  if (!execution) return <Notice icon={ScrollText} title={text.drawer.noRun} />;
  const node = selected !== null && everyNode !== selected.id ? selected.id : null;
  return (
    <LogList
      key={execution.id}
      execution={execution.id}
      node={node}
      onAllNodes={() => setEveryNode(selected?.id ?? null)}
      labelOf={labelOf}
    />
  );
}

/** The panel below: data, columns, logs and runs, beside the graph. */
export function Drawer() {
  const { selected, execution, labelOf } = useWorkflowView();
  const loop = execution?.nodes.find(({ node_id, iterations }) => node_id === selected?.id && iterations);
  const [tab, setTab] = useLocalStorage({
    key: "uzo-drawer-tab",
    defaultValue: "rows",
    getInitialValueInEffect: false,
  });
  return (
    <Tabs
      value={tab === "iterations" && !loop ? "rows" : tab}
      onChange={(value) => setTab(value ?? "rows")}
      className={styles.tabs ?? ""}
      keepMounted={false}
    >
      <Tabs.List px="sm">
        <Tabs.Tab value="rows" leftSection={<Rows3 size={14} />}>
          {text.drawer.rows}
        </Tabs.Tab>
        <Tabs.Tab value="columns" leftSection={<Columns3 size={14} />}>
          {text.drawer.columns}
        </Tabs.Tab>
        <Tabs.Tab value="logs" leftSection={<ScrollText size={14} />}>
          {text.drawer.logs}
        </Tabs.Tab>
        <Tabs.Tab value="runs" leftSection={<History size={14} />}>
          {text.drawer.runs}
        </Tabs.Tab>
        {loop && (
          <Tabs.Tab value="iterations" leftSection={<Repeat size={14} />}>
            {text.iterations.tab}
          </Tabs.Tab>
        )}
      </Tabs.List>
      <Tabs.Panel value="rows" className={styles.panel ?? ""} tabIndex={0}>
        {selected ? (
          <RowsView key={selected.id} node={selected} />
        ) : (
          <Notice icon={Rows3} title={text.workflow.chooseNode}>
            {text.drawer.chooseNode}
          </Notice>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="columns" className={styles.panel ?? ""} tabIndex={0}>
        {selected ? (
          <div className={styles.padded}>
            <ColumnsView />
          </div>
        ) : (
          <Notice icon={Columns3} title={text.workflow.chooseNode}>
            {text.workflow.chooseNodeHint}
          </Notice>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="logs" className={styles.panel ?? ""} tabIndex={0}>
        <Logs />
      </Tabs.Panel>
      {loop && execution && (
        <Tabs.Panel value="iterations" className={styles.panel ?? ""} tabIndex={0}>
          <div className={styles.padded}>
            <Iterations key={loop.node_id} execution={execution.id} node={loop} labelOf={labelOf} />
          </div>
        </Tabs.Panel>
      )}
      <Tabs.Panel value="runs" className={styles.panel ?? ""} tabIndex={0}>
        <RunsView />
      </Tabs.Panel>
    </Tabs>
  );
}
