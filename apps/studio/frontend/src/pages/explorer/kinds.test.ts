import { describe, expect, it } from "vitest";
import { holdersOf, type Item, type Kind, mayHold } from "./kinds";

const item = (kind: Kind, id = "moved"): Item => ({
  id,
  kind,
  name: id,
  updated_at: "2026-01-01T00:00:00Z",
  parent_id: "old",
});
const KINDS: Kind[] = ["workspace", "folder", "job", "job_package", "workflow"];

describe("moving", () => {
  it.each([
    ["workspace", []],
    ["folder", ["workspace", "folder"]],
    ["job", ["folder"]],
    ["job_package", []],
    ["workflow", ["job"]],
  ] as const)("a %s goes into %j", (kind, holders) => {
    expect(KINDS.filter((holder) => mayHold({ id: "new", kind: holder }, item(kind)))).toEqual(holders);
    expect([...holdersOf(kind)].sort()).toEqual([...holders].sort());
  });

  it("never goes into itself, nor to where it lies already", () => {
    expect(mayHold({ id: "moved", kind: "folder" }, item("folder"))).toBe(false);
    expect(mayHold({ id: "old", kind: "folder" }, item("job"))).toBe(false);
  });
});
