/** English of how a workflow will be run; a part of `text`. */

import { plural } from "~/format/numbers";
import type { Part } from "~/graph/plan";

const HOW: Record<Part["kind"], (others: number) => string> = {
  fused: (others) =>
    others === 0 ? "runs as a plan of its own" : `runs as one plan with ${plural(others, "other node")}`,
  effect: () => "acts on its own",
  loop: (others) => `repeats with ${plural(others, "other node")}`,
  pushed: (others) => `rows pass through with ${plural(others, "other node")}, none is kept`,
};

export const plan = {
  show: "Show how it will run",
  hide: "Hide how it will run",
  badge: ({ stage, inSql }: Part) => (inSql ? `${stage} · SQL` : String(stage)),
  of: ({ stage, stages, kind, inSql, others }: Part) =>
    `Stage ${stage} of ${stages}: ${HOW[kind](others)}${inSql ? "; the source does the transforms in its own SQL" : ""}`,
} as const;
