import type { QueryClient } from "@tanstack/react-query";
import { api, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import type { Workflow } from "~/api/types";
import {
  isDirty,
  type SaveEffect,
  type SaveInput,
  type SaveState,
  start,
  step,
} from "~/graph/editing/autosave";
import { settle } from "~/graph/editing/commands";
import { begin, type History, record, redo, undo } from "~/graph/editing/history";
import { asDiagram, idOf, type RawDiagram, rawEdges, rawNodes, rawNotes } from "~/graph/editing/raw";
import { forgetDraft, keepDraft, readDraft } from "./drafts";

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

export interface EditorState {
  history: History<RawDiagram>;
  selection: Selection;
  save: SaveState<RawDiagram>;
}

const NOTHING: Selection = { nodes: new Set(), edges: new Set() };

const same = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  one.size === other.size && [...one].every((id) => other.has(id));

export interface Change {
  /** For "Undo …": a verb. */
  what: string;
  /** Changes of one key in a run are one step of the history. */
  key?: string;
  /** Select these afterwards. */
  select?: Iterable<string>;
}

/** The diagram of one open workflow: its history, what is selected, and how saving it goes. */
export class Editor {
  private listeners = new Set<() => void>();
  private timer: number | undefined;
  private waiting: (() => void)[] = [];
  private state: EditorState;

  constructor(
    readonly workflowId: string,
    private readonly client: QueryClient,
    readonly readOnly: boolean,
    workflow: Workflow,
    selected: string | null,
  ) {
    const stored = asDiagram(workflow.workflow_diagram);
    // Made drawable before the first edit; saved only together with one.
    const diagram = readOnly ? stored : settle(stored);
    this.state = {
      history: begin(diagram),
      selection: selected === null ? NOTHING : { nodes: new Set([selected]), edges: new Set() },
      save: start(diagram, workflow.version),
    };
    if (!readOnly) this.takeUpDraft();
  }

  get = (): EditorState => this.state;
  get diagram(): RawDiagram {
    return this.state.history.present.value;
  }
  get selection(): Selection {
    return this.state.selection;
  }
  get dirty(): boolean {
    return isDirty(this.state.save);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(next: Partial<EditorState>): void {
    this.state = { ...this.state, ...next };
    for (const listener of this.listeners) listener();
  }

  /** Change the diagram as one step of the history. */
  change({ what, key, select }: Change, edit: (diagram: RawDiagram) => RawDiagram): void {
    if (this.readOnly) return;
    const diagram = edit(this.diagram);
    const history = record(this.state.history, diagram, { what, key, at: Date.now() });
    if (history === this.state.history) return;
    const selection = select ? { nodes: new Set(select), edges: new Set<string>() } : this.selection;
    this.set({ history, selection: existing(diagram, selection) });
    this.feed({ kind: "edited", value: diagram });
  }

  undo = (): void => this.travel(undo(this.state.history));
  redo = (): void => this.travel(redo(this.state.history));

  private travel(history: History<RawDiagram>): void {
    if (this.readOnly || history === this.state.history) return;
    const diagram = history.present.value;
    this.set({ history, selection: existing(diagram, this.selection) });
    this.feed({ kind: "edited", value: diagram });
  }

  select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
    const selection = { nodes: new Set(nodes), edges: new Set(edges) };
    if (same(selection.nodes, this.selection.nodes) && same(selection.edges, this.selection.edges)) return;
    this.set({ selection });
  }

  /** Somebody's save was heard of, ours or another's. */
  announced(version: number): void {
    this.feed({ kind: "announced", version });
  }

  /** Save what is not saved, now. Resolves once all is saved, or with false where that does not go. */
  async flush(): Promise<boolean> {
    window.clearTimeout(this.timer);
    this.feed({ kind: "due" });
    while (this.state.save.phase === "saving" || this.state.save.phase === "waiting") {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      if (this.state.save.phase === "waiting") this.feed({ kind: "due" });
    }
    return !this.dirty;
  }

  /** Give ours up for what is saved; undo brings it back. */
  async takeTheirs(): Promise<void> {
    const theirs = await this.read();
    const diagram = asDiagram(theirs.workflow_diagram);
    const history = record(this.state.history, diagram, { what: "theirs", at: Date.now() });
    this.set({ history, selection: existing(diagram, this.selection) });
    this.feed({ kind: "loaded", version: theirs.version, value: diagram, wanted: diagram });
  }

  /** Put ours above what is saved; that stays as an earlier version. */
  async overwrite(): Promise<void> {
    const theirs = await this.read();
    const value = asDiagram(theirs.workflow_diagram);
    this.feed({ kind: "loaded", version: theirs.version, value, wanted: this.diagram });
  }

  /** Ours as a workflow of its own, beside this one; then this one is what is saved. Answers the copy's id. */
  async keepAsCopy(name: string): Promise<string> {
    const { job_id, parameters } = await this.read();
    const copy = await api.post<Workflow>(`jobs/${job_id}/workflows`, {
      name,
      workflow_diagram: this.diagram,
      parameters: parameters ?? {},
    });
    await this.takeTheirs();
    return copy.id;
  }

  private read(): Promise<Workflow> {
    return this.client.fetchQuery({ ...queries.workflow(this.workflowId), staleTime: 0 });
  }

  private takeUpDraft(): void {
    const draft = readDraft(this.workflowId);
    if (draft === null) return;
    const { save } = this.state;
    if (JSON.stringify(draft.diagram) === JSON.stringify(save.saved)) {
      forgetDraft(this.workflowId);
      return;
    }
    const history = record(this.state.history, draft.diagram, { what: "draft", at: Date.now() });
    this.state = { ...this.state, history };
    if (draft.version === save.version) this.feed({ kind: "edited", value: draft.diagram });
    else
      this.state = {
        ...this.state,
        save: { ...save, wanted: draft.diagram, phase: "conflict", theirs: save.version },
      };
  }

  private feed(input: SaveInput<RawDiagram>): void {
    const [save, effects] = step(this.state.save, input);
    if (save !== this.state.save) this.set({ save });
    for (const effect of effects) this.perform(effect);
    if (isDirty(save)) {
      // Until it is saved, what was made is safe in this browser: a crash or a closed tab loses nothing.
      if (save.phase !== "waiting" || input.kind === "edited")
        keepDraft(this.workflowId, save.version, save.wanted);
    } else if (input.kind !== "announced") {
      forgetDraft(this.workflowId);
    }
    if (save.phase !== "saving") for (const resolve of this.waiting.splice(0)) resolve();
  }

  private perform(effect: SaveEffect<RawDiagram>): void {
    switch (effect.kind) {
      case "wait":
        window.clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.feed({ kind: "due" }), effect.ms);
        break;
      case "send":
        void this.send(effect.value, effect.version);
        break;
      case "read":
        void this.follow();
        break;
    }
  }

  private async send(value: RawDiagram, version: number): Promise<void> {
    try {
      const saved = await api.patch<Workflow>(`workflows/${this.workflowId}`, {
        workflow_diagram: value,
        version,
        autosave: true,
      });
      // The answer's diagram is ours: keeping our own object spares drawing everything again.
      this.client.setQueryData(queries.workflow(this.workflowId).queryKey, {
        ...saved,
        workflow_diagram: value,
      });
      this.feed({ kind: "stored", version: saved.version });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "version_conflict") {
        const { version: theirs } = error.body;
        this.feed({ kind: "conflict", version: typeof theirs === "number" ? theirs : null });
      } else if (error.status === 0 || error.status >= 500 || error.status === 429) {
        this.feed({ kind: "unreachable" });
      } else {
        this.feed({ kind: "refused", why: error.errors[0]?.message ?? error.message });
        // Somebody else has it: the page shows who, and what was made stays in this browser.
        if (error.code === "checked_out") void this.read();
      }
    }
  }

  /** Somebody else saved and nothing of ours is unsaved: show theirs. */
  private async follow(): Promise<void> {
    const theirs = await this.read().catch(() => null);
    if (theirs === null || theirs.version <= this.state.save.version) return;
    if (this.dirty) {
      this.feed({ kind: "announced", version: theirs.version });
      return;
    }
    const diagram = asDiagram(theirs.workflow_diagram);
    // Another's change is no step of ours: undoing it by accident would lose their work.
    this.set({ history: begin(diagram), selection: existing(diagram, this.selection) });
    this.feed({ kind: "loaded", version: theirs.version, value: diagram, wanted: diagram });
  }
}

/** A selection without what is no longer there. */
function existing(diagram: RawDiagram, selection: Selection): Selection {
  const nodes = new Set([...rawNodes(diagram), ...rawNotes(diagram)].map(idOf));
  const edges = new Set(rawEdges(diagram).map(idOf));
  const kept = {
    nodes: new Set([...selection.nodes].filter((id) => nodes.has(id))),
    edges: new Set([...selection.edges].filter((id) => edges.has(id))),
  };
  return same(kept.nodes, selection.nodes) && same(kept.edges, selection.edges) ? selection : kept;
}
