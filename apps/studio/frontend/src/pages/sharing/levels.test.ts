import { expect, test } from "vitest";
import type { Reason } from "~/api/people";
import { changesFor, choiceOf, ownGrants } from "./levels";

const reason = (level: string, more: Partial<Reason> = {}): Reason =>
  ({
    source: "direct",
    level,
    permission_id: `grant of ${level}`,
    inherited: false,
    group_id: null,
    ...more,
  }) as Reason;

test.each([
  [["read"], "read"],
  [["execute"], "execute"],
  [["write", "execute"], "write+execute"],
  [["read", "write"], "write"],
  [["admin", "read"], "admin"],
  [[], null],
])("%j is chosen as %s", (levels, choice) => {
  expect(choiceOf(levels)).toBe(choice);
});

test("only what was granted on the object itself can be changed there", () => {
  const reasons = [
    reason("write"),
    reason("read", { inherited: true }),
    reason("execute", { source: "group", group_id: "pilots" }),
    reason("admin", { source: "owner", permission_id: null }),
  ];
  expect(ownGrants({ kind: "user", reasons }).map(({ level }) => level)).toEqual(["write"]);
  expect(ownGrants({ kind: "group", reasons }).map(({ level }) => level)).toEqual(["execute"]);
});

test("a change grants what is missing and takes back what is too much", () => {
  expect(changesFor([reason("read")], "write+execute")).toEqual({
    grant: ["write", "execute"],
    revoke: ["grant of read"],
  });
  expect(changesFor([reason("write"), reason("execute")], "write")).toEqual({
    grant: [],
    revoke: ["grant of execute"],
  });
  expect(changesFor([reason("admin")], "admin")).toEqual({ grant: [], revoke: [] });
});
