import { Text } from "@mantine/core";
import type { PortColumns } from "~/graph/schema";
import { text } from "~/text";
import styles from "./ColumnList.module.css";

/** Columns with their types; `most` leaves the rest out and says how many. */
export function ColumnList({ columns, most }: { columns: PortColumns; most?: number }) {
  const shown = most === undefined ? columns.columns : columns.columns.slice(0, most);
  const rest = columns.columns.length - shown.length;
  return (
    <div>
      {columns.dynamic && (
        <Text size="xs" c="dimmed" px={4} pb={4}>
          {text.node.dynamic}
        </Text>
      )}
      {!columns.dynamic && columns.columns.length === 0 && (
        <Text size="xs" c="dimmed" px={4}>
          {text.node.noColumns}
        </Text>
      )}
      <ul className={styles.list}>
        {shown.map((column) => (
          <li key={column.name} className={styles.column}>
            <span className={styles.name} title={column.name}>
              {column.name}
            </span>
            {!column.nullable && (
              <span className={styles.never} title={text.node.required}>
                {text.node.required}
              </span>
            )}
            <code className={styles.type}>{column.type}</code>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Text size="xs" c="dimmed" px={4} pt={4}>
          {text.edge.more(rest)}
        </Text>
      )}
    </div>
  );
}
