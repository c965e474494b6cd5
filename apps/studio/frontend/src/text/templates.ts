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
    newJob: (folder: string) => `A new job in ${folder}`,
    noJob: "There is no job yet that a workflow could be put into.",
    noJobHint: "Make a workspace, a folder and a job first.",
    connectors: "Connectors",
    noConnector: (type: string) => `You may use no ${type} connector yet`,
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
