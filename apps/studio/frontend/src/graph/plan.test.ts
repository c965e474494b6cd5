import { expect, test } from "vitest";
import { partsOf, type Stage } from "./plan";

const stage = (id: string, kind: Stage["kind"], nodes: string[], in_sql = false): Stage => ({
  id,
  kind,
  nodes,
  after: [],
  in_sql,
});

test("each node knows its stage, who runs with it, and whether the source does it", () => {
  const parts = partsOf([
    stage("s1", "fused", ["flights", "late"]),
    stage("s2", "pushed", ["read", "keep", "write"], true),
  ]);
  expect(parts.get("late")).toEqual({ stage: 1, stages: 2, kind: "fused", inSql: false, others: 1 });
  expect(parts.get("keep")).toEqual({ stage: 2, stages: 2, kind: "pushed", inSql: true, others: 2 });
  expect(parts.get("elsewhere")).toBeUndefined();
});
