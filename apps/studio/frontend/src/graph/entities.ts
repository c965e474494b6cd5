/** Tables and where their foreign keys lead, as a graph: what an ER diagram draws, and what ELK is asked. */

import type { Table } from "~/api/types";
import type { ElkNode } from "./editing/elk";

export interface EntityColumn {
  name: string;
  type: string;
  key: boolean;
  foreign: boolean;
}

export interface Entity {
  name: string;
  columns: EntityColumn[];
  /** How many columns are not shown. */
  hidden: number;
  height: number;
}

export interface Link {
  id: string;
  from: string;
  to: string;
  /** `carrier → code`; a key that does not say its columns leads to the primary key. */
  label: string;
}

export interface Entities {
  entities: Entity[];
  links: Link[];
}

export const ENTITY_WIDTH = 232;
const HEAD = 36;
const LINE = 24;
const SHOWN = 9;

function columnsOf({ columns, keys, foreign_keys }: Table): EntityColumn[] {
  const leading = new Set(foreign_keys.flatMap((key) => key.columns));
  return columns.map(({ name, type }) => ({
    name,
    type,
    key: keys.includes(name),
    foreign: leading.has(name),
  }));
}

/** Keys come first, then the other columns as long as there is room; keys are always shown. */
function entityOf(table: Table): Entity {
  const all = columnsOf(table);
  const telling = all.filter(({ key, foreign }) => key || foreign);
  const others = all.filter(({ key, foreign }) => !(key || foreign));
  const columns = [...telling, ...others.slice(0, Math.max(0, SHOWN - telling.length))];
  const hidden = all.length - columns.length;
  return {
    name: table.name,
    columns,
    hidden,
    height: HEAD + LINE * (columns.length + (hidden > 0 ? 1 : 0)) + 6,
  };
}

/** The tables that a foreign key joins to another, or all of them where `everything`. */
export function entities(tables: readonly Table[], everything = false): Entities {
  const there = new Map(tables.map((table) => [table.name, table]));
  const links = tables.flatMap(({ name, foreign_keys }) =>
    foreign_keys
      .filter(({ references }) => there.has(references))
      .map(({ columns, references, referenced_columns }) => {
        const named =
          referenced_columns.length > 0 ? referenced_columns : (there.get(references)?.keys ?? []);
        return {
          id: `${name}.${columns.join(",")}→${references}`,
          from: name,
          to: references,
          label: `${columns.join(", ")} → ${named.join(", ")}`,
        };
      }),
  );
  const joined = new Set(links.flatMap(({ from, to }) => [from, to]));
  const shown = tables.filter(({ name }) => everything || joined.has(name));
  return { entities: shown.map(entityOf), links };
}

export function askElkForEntities({ entities: shown, links }: Entities): ElkNode {
  return {
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.layered.spacing.nodeNodeBetweenLayers": "120",
      "elk.spacing.nodeNode": "40",
      "elk.separateConnectedComponents": "true",
      "elk.spacing.componentComponent": "56",
    },
    children: shown.map(({ name, height }) => ({ id: name, width: ENTITY_WIDTH, height })),
    edges: links.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  };
}
