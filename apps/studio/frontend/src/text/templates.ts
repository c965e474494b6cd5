/** English of the gallery of templates; a part of `text`. */

import { count, plural } from "~/format/numbers";

export const templates = {
  templates: {
    title: "Templates",
    hint: "Whole workflows that answer a question. Copy one, run it, change it.",
    search: "Search templates",
    all: "All",
    filter: "Category",
    none: "No template matches",
    noneHint: "Try another word, or look through all of them.",
    clear: "Show all",
    use: "Use template",
    preview: (name: string) => `Graph of “${name}”`,
    nodes: (nodes: number) => plural(nodes, "node"),
    into: "Put it into",
    newJob: "It gets a job of its own in this folder.",
    noPlace: "There is no place for it yet",
    noWorkspaceHint: "Workflows lie in the jobs of a workspace. Make one, then come back.",
    noFolderHint: "Workflows lie in jobs, and jobs in folders.",
    askHint: "Ask somebody who may make workspaces to share a folder or a job with you.",
    makeFolder: (workspace: string) => `Make a folder in “${workspace}”`,
    folderName: "Workflows",
    connectors: "Connectors",
    noConnector: (type: string) => `No ${type} connector yet`,
    later: "Choose later",
    draft: "Without a connector the copy is a draft: choose one on the canvas before it can run.",
    parameters: "Parameters",
    companions: (names: string[]) => `Comes with ${names.map((name) => `“${name}”`).join(", ")}.`,
    create: "Create workflow",
    from: "Start from a template",
    shown: (shown: number, all: number) =>
      shown === all ? plural(all, "template") : `${count(shown)} of ${plural(all, "template")}`,
    discover: "Answers to real questions, ready to run.",
  },
} as const;
