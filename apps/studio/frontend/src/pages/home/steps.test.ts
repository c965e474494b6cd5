import { describe, expect, it } from "vitest";
import { firstSteps, type Known } from "./steps";

const NEW: Known = {
  workspaces: 0,
  connectors: 0,
  workflow: null,
  runs: 0,
  capabilities: ["workspaces.create", "connectors.create"],
  writes: false,
};
const keys = (known: Known) => firstSteps(known).map(({ key }) => key);
const next = (known: Known) => firstSteps(known).find((step) => step.next)?.key;

describe("first steps", () => {
  it("lead from a workspace to a run", () => {
    expect(keys(NEW)).toEqual(["workspace", "connector", "workflow", "run"]);
    expect(next(NEW)).toBe("workspace");
    expect(next({ ...NEW, workspaces: 1 })).toBe("connector");
    expect(next({ ...NEW, workspaces: 1, connectors: 1 })).toBe("workflow");
    expect(next({ ...NEW, workspaces: 1, connectors: 1, workflow: "w" })).toBe("run");
  });

  it("run the workflow that is there, and a template's where there is none", () => {
    const href = (known: Known) => firstSteps(known).find(({ key }) => key === "run")?.href;
    expect(href(NEW)).toBe("/templates");
    expect(href({ ...NEW, workflow: "w" })).toBe("/workflows/w");
  });

  it("leave out what one may not do and nobody has done", () => {
    const looks = { ...NEW, capabilities: [] };
    expect(keys(looks)).toEqual([]);
    expect(keys({ ...looks, workspaces: 1, workflow: "w" })).toEqual(["workspace", "workflow", "run"]);
    expect(keys({ ...looks, workspaces: 1, writes: true })).toEqual(["workspace", "workflow", "run"]);
  });

  it("are over once all are done", () => {
    expect(keys({ ...NEW, workspaces: 1, connectors: 1, workflow: "w", runs: 1 })).toEqual([]);
  });
});
