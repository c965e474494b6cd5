/** How a workflow will be run: which nodes run together, and what the source does itself. */

export interface Stage {
  id: string;
  kind: "fused" | "effect" | "loop" | "pushed";
  nodes: readonly string[];
  after: readonly string[];
  /** The source does the transforms of the chain in its own SQL. */
  in_sql: boolean;
}

/** What the plan says of one node. */
export interface Part {
  /** Place of its stage in the plan, from 1. */
  stage: number;
  stages: number;
  kind: Stage["kind"];
  inSql: boolean;
  /** How many other nodes run in the same stage. */
  others: number;
}

export function partsOf(plan: readonly Stage[]): ReadonlyMap<string, Part> {
  return new Map(
    plan.flatMap(({ kind, nodes, in_sql }, index) =>
      nodes.map((node) => {
        const part = { stage: index + 1, stages: plan.length, kind, inSql: in_sql, others: nodes.length - 1 };
        return [node, part] as const;
      }),
    ),
  );
}
