/** Columns on edges: what `GET /workflows/{id}/schema` says, by node and port. */

import type { DiagramEdge } from "./diagram";

export interface Column {
  name: string;
  type: string;
  nullable: boolean;
}

export interface PortColumns {
  columns: Column[];
  /** The columns are known only once there is data. */
  dynamic: boolean;
}

export type Schema = Readonly<Record<string, Readonly<Record<string, PortColumns>>>>;

function readPort(value: unknown): PortColumns | null {
  if (Array.isArray(value)) return { columns: value as Column[], dynamic: false };
  if (typeof value !== "object" || value === null) return null;
  const { columns, dynamic } = value as { columns?: unknown; dynamic?: unknown };
  return { columns: Array.isArray(columns) ? (columns as Column[]) : [], dynamic: dynamic === true };
}

/** Read the answer's `nodes`; a port is a list of columns, or an object that says it is dynamic. */
export function readSchema(value: unknown): Schema {
  const schema: Record<string, Record<string, PortColumns>> = {};
  if (typeof value !== "object" || value === null) return schema;
  for (const [node, ports] of Object.entries(value)) {
    const read: Record<string, PortColumns> = {};
    for (const [port, columns] of Object.entries((ports as object | null) ?? {})) {
      const known = readPort(columns);
      if (known) read[port] = known;
    }
    schema[node] = read;
  }
  return schema;
}

const sameColumns = (one: PortColumns, other: PortColumns): boolean =>
  one.dynamic === other.dynamic &&
  one.columns.length === other.columns.length &&
  one.columns.every((column, index) => {
    const twin = other.columns[index];
    return column.name === twin?.name && column.type === twin.type && column.nullable === twin.nullable;
  });

/** The new schema, made of the known one's ports wherever they are equal, so that only real changes are drawn. */
export function reuse(known: Schema, read: Schema): Schema {
  return Object.fromEntries(
    Object.entries(read).map(([node, ports]) => [
      node,
      Object.fromEntries(
        Object.entries(ports).map(([port, columns]) => {
          const old = known[node]?.[port];
          return [port, old !== undefined && sameColumns(old, columns) ? old : columns];
        }),
      ),
    ]),
  );
}

/** Columns that leave a port; `success` carries what `output` does. */
export function columnsOut(schema: Schema, node: string, port: string): PortColumns | null {
  const ports = schema[node];
  return ports?.[port] ?? (port === "success" ? (ports?.output ?? null) : null);
}

export const columnsOn = (schema: Schema, edge: DiagramEdge): PortColumns | null =>
  columnsOut(schema, edge.source, edge.sourceHandle);

/** Columns that arrive at a node, one entry per edge that ends there. */
export function columnsIn(
  schema: Schema,
  edges: readonly DiagramEdge[],
  node: string,
): { edge: DiagramEdge; columns: PortColumns | null }[] {
  return edges
    .filter((edge) => edge.target === node)
    .map((edge) => ({ edge, columns: columnsOn(schema, edge) }));
}
