import { Tabs } from "@mantine/core";
import { MousePointerClick } from "lucide-react";
import { operationOf } from "~/graph/diagram";
import { columnsIn, type PortColumns } from "~/graph/schema";
import { ColumnList } from "~/parts/ColumnList";
import { nodeIcon } from "~/parts/icons";
import { Notice } from "~/parts/Notice";
import { text } from "~/text";
import { ConfigView } from "./ConfigView";
import { useWorkflowView } from "./context";
import { DocsView } from "./DocsView";
import styles from "./Inspector.module.css";

function Port({ name, from, columns }: { name: string; from?: string; columns: PortColumns | null }) {
  return (
    <div className={styles.port}>
      <h4 className={styles.portName}>
        {name}
        {from && <span>{from}</span>}
        {columns && !columns.dynamic && (
          <span className="numbers">{text.edge.columns(columns.columns.length)}</span>
        )}
      </h4>
      {columns ? <ColumnList columns={columns} /> : <p className={styles.muted}>{text.node.noColumns}</p>}
    </div>
  );
}

/** Columns that arrive and leave, by port. */
export function ColumnsView() {
  const { diagram, schema, selected, labelOf } = useWorkflowView();
  if (selected === null) return null;
  const arriving = columnsIn(schema, diagram.edges, selected.id);
  const leaving = Object.entries(schema[selected.id] ?? {});
  return (
    <div className={styles.columns}>
      {arriving.length > 0 && <h3 className={styles.heading}>{text.node.columnsIn}</h3>}
      {arriving.map(({ edge, columns }) => (
        <Port key={edge.id} name={edge.targetHandle} from={labelOf(edge.source)} columns={columns} />
      ))}
      <h3 className={styles.heading}>{text.node.columnsOut}</h3>
      {leaving.length === 0 && <p className={styles.muted}>{text.node.noColumns}</p>}
      {leaving.map(([port, columns]) => (
        <Port key={port} name={port} columns={columns} />
      ))}
    </div>
  );
}

/** The panel on the right: everything about the selected node. */
export function Inspector() {
  const { selected, problems: all } = useWorkflowView();
  if (selected === null) {
    return (
      <Notice icon={MousePointerClick} title={text.workflow.chooseNode}>
        {text.workflow.chooseNodeHint}
      </Notice>
    );
  }
  const operation = operationOf(selected.data);
  const Icon = nodeIcon(selected.data.nodeType, operation, selected.data.icon);
  const problems = all.filter((problem) => problem.node_id === selected.id);
  return (
    <>
      <header className={styles.header} data-category={selected.data.nodeType}>
        <span className={styles.tile} aria-hidden>
          <Icon size={18} strokeWidth={1.75} />
        </span>
        <div className={styles.title}>
          <h2>{selected.data.label}</h2>
          <p>
            {selected.data.nodeType}
            {operation && ` · ${operation}`}
          </p>
        </div>
      </header>
      {problems.length > 0 && (
        <ul className={styles.problems}>
          {problems.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: problems have no identity of their own
            <li key={index} data-severity={problem.severity}>
              {problem.message}
            </li>
          ))}
        </ul>
      )}
      <Tabs defaultValue="config" className={styles.tabs ?? ""} keepMounted={false}>
        <Tabs.List px="sm">
          <Tabs.Tab value="config">{text.node.tab.config}</Tabs.Tab>
          <Tabs.Tab value="columns">{text.node.tab.columns}</Tabs.Tab>
          <Tabs.Tab value="docs">{text.node.tab.docs}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="config" className={styles.panel ?? ""}>
          <ConfigView key={selected.id} node={selected} problems={problems} />
        </Tabs.Panel>
        <Tabs.Panel value="columns" className={styles.panel ?? ""}>
          <ColumnsView />
        </Tabs.Panel>
        <Tabs.Panel value="docs" className={styles.panel ?? ""}>
          <DocsView category={selected.data.nodeType} operation={operation} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
