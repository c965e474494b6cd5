/** What can be chosen when something is shared, and what choosing it changes. */

import type { AccessEntry, Reason } from "~/api/people";

export type Level = "read" | "execute" | "write" | "admin";
export const CHOICES = ["read", "execute", "write", "write+execute", "admin"] as const;
export type Choice = (typeof CHOICES)[number];

export const levelsOf = (choice: Choice) => choice.split("+") as Level[];

/** The choice that says the same as these levels; every level includes read, admin all. */
export function choiceOf(levels: readonly string[]): Choice | null {
  if (levels.includes("admin")) return "admin";
  const found = CHOICES.find(
    (choice) =>
      choice !== "admin" &&
      (["write", "execute"] as const).every(
        (level) => levels.includes(level) === choice.split("+").includes(level),
      ),
  );
  return levels.length === 0 ? null : (found ?? null);
}

/** The grants on the object itself, to this person or group: what sharing can change. */
export const ownGrants = (entry: Pick<AccessEntry, "kind" | "reasons">): Reason[] =>
  entry.reasons.filter(
    ({ source, inherited, permission_id }) =>
      permission_id !== null && !inherited && source === (entry.kind === "group" ? "group" : "direct"),
  );

/** What has to be granted and taken back so that exactly the choice is granted. */
export function changesFor(grants: readonly Reason[], choice: Choice): { grant: Level[]; revoke: string[] } {
  const wanted = levelsOf(choice);
  const held = grants.map(({ level }) => level);
  return {
    grant: wanted.filter((level) => !held.includes(level)),
    revoke: grants.flatMap(({ level, permission_id }) =>
      permission_id !== null && !wanted.includes(level as Level) ? [permission_id] : [],
    ),
  };
}
