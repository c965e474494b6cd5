import { describe, expect, it } from "vitest";
import type { ExecutionStatus } from "./execution";
import { cameBack, needsReading, possible } from "./lifecycle";

const offered = (
  status: ExecutionStatus,
  waiting_for: string | null = null,
  kind: "run" | "preview" = "run",
) =>
  Object.entries(possible({ status, waiting_for, kind }))
    .filter(([, may]) => may)
    .map(([name]) => name);

describe("what is offered", () => {
  it("follows the state", () => {
    expect(offered("queued")).toEqual(["cancel", "pause"]);
    expect(offered("running")).toEqual(["cancel", "pause"]);
    expect(offered("failed")).toEqual(["resume", "retry"]);
    expect(offered("cancelled")).toEqual(["resume", "retry"]);
    expect(offered("success")).toEqual(["retry"]);
  });

  it("tells what a person paused from what waits by itself", () => {
    expect(offered("paused", "resume")).toEqual(["cancel", "resume"]);
    expect(offered("paused", "approval")).toEqual(["cancel", "pause"]);
  });

  it("of a preview is to cancel it", () => {
    expect(offered("running", null, "preview")).toEqual(["cancel"]);
    expect(offered("failed", null, "preview")).toEqual([]);
  });
});

describe("an execution that was over", () => {
  const progress = "workflow_execution_progress";
  it("comes back when progress says that it goes on", () => {
    expect(cameBack("failed", progress, { status: "queued" })).toBe(true);
    expect(cameBack("failed", progress, { status: "failed" })).toBe(false);
    expect(cameBack("running", progress, { status: "queued" })).toBe(false);
    expect(cameBack("failed", "log", { status: "queued" })).toBe(false);
    expect(cameBack("failed", progress, null)).toBe(false);
  });
});

describe("the resource is read again", () => {
  it("where a status changes that says more than its name", () => {
    expect(needsReading("queued", "running")).toBe(true);
    expect(needsReading("running", "paused")).toBe(true);
    expect(needsReading("paused", "running")).toBe(true);
    expect(needsReading("running", "running")).toBe(false);
    expect(needsReading("running", "success")).toBe(false);
    expect(needsReading(undefined, "paused")).toBe(false);
  });
});
