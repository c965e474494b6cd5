/** English of versions and of checking out; a part of `text`. */

import { count } from "~/format/numbers";

const nodes = (number: number) => `${count(number)} ${number === 1 ? "node" : "nodes"}`;

export const versions = {
  title: "Versions",
  open: "Show versions",
  close: "Close the versions",
  older: "Show older ones",
  none: "Nothing has been saved yet.",
  number: (number: number) => `Version ${number}`,
  current: "Current",
  published: "Published",
  publishedHint: "What schedules, triggers and jobs run, whatever is saved later",
  by: (name: string) => `by ${name}`,
  unknown: "somebody who is gone",
  show: "Show",
  shown: "Shown",
  back: "Back to the current version",
  banner: (number: number) => `This is version ${number}, as it was saved. It cannot be changed.`,
  restore: "Restore",
  restoreHint: "Makes it the current state again, as a new version: nothing is lost",
  publish: "Publish",
  unpublish: "Publish no more",
  rename: "Name it",
  name: "Name of the version",
  comment: "What has changed, or why",
  save: "Save",
  more: (number: number) => `More about version ${number}`,
  since: "From this version to the current one",
  same: "The current version says the same.",
  kinds: {
    added: (number: number) => `${nodes(number)} added`,
    removed: (number: number) => `${nodes(number)} removed`,
    changed: (number: number) => `${nodes(number)} changed`,
    moved: (number: number) => `${nodes(number)} moved`,
  },
  edges: (added: number, removed: number) => `Edges: ${count(added)} added, ${count(removed)} removed`,
  parameters: "Parameters changed",
  notes: "Notes or other parts of the drawing changed.",
  marks: { removed: "Not in the current version", changed: "Different in the current version" } as const,
  pastRun: (number: number | null) =>
    number === null
      ? "This run was of an earlier version of the workflow."
      : `This run was of version ${number} of the workflow.`,
  showPastRun: "Show what it ran",
  lock: {
    take: "Check out",
    takeHint: "Nobody else can save until you check it in, or leave it alone for a while",
    mine: "Checked out by you",
    release: "Check in",
    held: (name: string) => `Checked out by ${name}`,
    heldHint: "Only they can save. It ends by itself when they leave it alone.",
    takeOver: "Take over",
    takeOverHint: "You hold it then, and they can no longer save",
    until: "held until",
  },
} as const;
