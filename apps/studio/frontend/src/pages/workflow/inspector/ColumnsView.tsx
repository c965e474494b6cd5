import { useQuery } from "@tanstack/react-query";
import { statistics } from "~/api/samples";
import type { DiagramNode } from "~/graph/diagram";
import { columnsIn, type PortColumns } from "~/graph/schema";
import { ColumnList } from "~/parts/ColumnList";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import styles from "../Inspector.module.css";
import { ColumnFigures } from "./ColumnFigures";
import { useMocks } from "./mockStore";
import { useNodeSample } from "./useNodeSample";

function PortName({ name, from, columns }: { name: string; from?: string; columns: PortColumns | null }) {
  return (
    <h4 className={styles.portName}>
      {name}
      {from && <span>{from}</span>}
      {columns && !columns.dynamic && (
        <span className="numbers">{text.edge.columns(columns.columns.length)}</span>
      )}
    </h4>
  );
}

const sameNames = (columns: PortColumns, names: readonly string[]) =>
  columns.dynamic ||
  (columns.columns.length === names.length &&
    columns.columns.every(({ name }, index) => name === names[index]));

/** Columns that leave, with what a sample says of them. */
function Leaving({ node }: { node: DiagramNode }) {
  const { schema, workflow } = useWorkflowView();
  const [mocks] = useMocks(workflow.id, node.id);
  const sample = useNodeSample(node.id, mocks);
  const at = sample.data?.at ?? null;
  const figures = useQuery({
    ...statistics(workflow.id, node.id, at),
    enabled: at !== null,
    // What was known stays until the new figures are there, so that nothing jumps.
    placeholderData: (known) => known,
  });
  const known = figures.data ?? null;
  const leaving = Object.entries(schema[node.id] ?? {});
  const names = known?.columns.map(({ name }) => name) ?? [];
  const told = leaving.find(([, columns]) => known !== null && sameNames(columns, names))?.[0];
  return (
    <>
      <h3 className={styles.heading}>
        {text.node.columnsOut}
        {known !== null && told !== undefined && (
          <span className="numbers">{text.inspector.statistics.of(known.rows, known.sampled)}</span>
        )}
      </h3>
      {leaving.length === 0 && <p className={styles.muted}>{text.node.noColumns}</p>}
      {leaving.map(([port, columns]) => (
        <div key={port} className={styles.port}>
          <PortName name={port} columns={columns} />
          {port === told && known !== null ? (
            <ColumnFigures statistics={known} />
          ) : (
            <ColumnList columns={columns} />
          )}
        </div>
      ))}
    </>
  );
}

/** Columns that arrive and leave, by port. */
export function ColumnsView() {
  const { diagram, schema, selected, labelOf } = useWorkflowView();
  if (selected === null) return null;
  const arriving = columnsIn(schema, diagram.edges, selected.id);
  return (
    <div className={styles.columns}>
      <Leaving key={selected.id} node={selected} />
      {arriving.length > 0 && <h3 className={styles.heading}>{text.node.columnsIn}</h3>}
      {arriving.map(({ edge, columns }) => (
        <div key={edge.id} className={styles.port}>
          <PortName name={edge.targetHandle} from={labelOf(edge.source)} columns={columns} />
          {columns ? <ColumnList columns={columns} /> : <p className={styles.muted}>{text.node.noColumns}</p>}
        </div>
      ))}
    </div>
  );
}
