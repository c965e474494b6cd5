/** Every key of the canvas, once: what is pressed does what the sheet says. */

import { text } from "~/text";
import type { Actions } from "./actions";

/** Panels and dialogs that keys open. */
export interface Openers {
  add: () => void;
  find: () => void;
  connect: () => void;
  help: () => void;
  inspect: () => void;
  rename: () => void;
  run: () => void;
  menu: () => void;
  toggleVersions: () => void;
  togglePalette: () => void;
  toggleDrawer: () => void;
  toggleInspector: () => void;
}

export interface Shortcut {
  /** As `KeyboardEvent.key`, with `mod+`, `shift+`, `alt+` before; several mean any of them. */
  keys: readonly string[];
  what: string;
  group: "edit" | "select" | "view" | "arrange";
  run: (actions: Actions, open: Openers) => void;
  /** Works also for people who may only look. */
  looking?: true;
}

const names = text.editor.keys;

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["/"], what: names.add, group: "edit", run: (_, open) => open.add() },
  { keys: ["c"], what: names.connect, group: "edit", run: (_, open) => open.connect() },
  { keys: ["Enter"], what: names.inspect, group: "edit", run: (_, open) => open.inspect(), looking: true },
  { keys: ["F2"], what: names.rename, group: "edit", run: (_, open) => open.rename() },
  { keys: ["n"], what: names.note, group: "edit", run: (actions) => actions.addNote() },
  { keys: ["mod+d"], what: names.duplicate, group: "edit", run: (actions) => actions.duplicate() },
  { keys: ["Delete", "Backspace"], what: names.remove, group: "edit", run: (actions) => actions.remove() },
  {
    keys: ["mod+Backspace", "mod+Delete"],
    what: names.bridge,
    group: "edit",
    run: (actions) => actions.removeAndBridge(),
  },
  { keys: ["mod+z"], what: names.undo, group: "edit", run: ({ editor }) => editor.undo() },
  { keys: ["mod+shift+z", "mod+y"], what: names.redo, group: "edit", run: ({ editor }) => editor.redo() },
  { keys: ["mod+Enter"], what: names.run, group: "edit", run: (_, open) => open.run(), looking: true },
  {
    keys: ["ContextMenu", "shift+F10"],
    what: names.menu,
    group: "edit",
    run: (_, open) => open.menu(),
    looking: true,
  },
  { keys: ["mod+s"], what: names.save, group: "edit", run: ({ editor }) => void editor.flush() },

  { keys: ["mod+a"], what: names.all, group: "select", run: (actions) => actions.selectAll(), looking: true },
  {
    keys: ["Escape"],
    what: names.none,
    group: "select",
    run: ({ editor }) => editor.select([]),
    looking: true,
  },
  {
    keys: ["ArrowRight"],
    what: names.walk,
    group: "select",
    run: (actions) => actions.walk("right"),
    looking: true,
  },
  {
    keys: ["ArrowLeft"],
    what: names.walk,
    group: "select",
    run: (actions) => actions.walk("left"),
    looking: true,
  },
  {
    keys: ["ArrowUp"],
    what: names.walk,
    group: "select",
    run: (actions) => actions.walk("up"),
    looking: true,
  },
  {
    keys: ["ArrowDown"],
    what: names.walk,
    group: "select",
    run: (actions) => actions.walk("down"),
    looking: true,
  },
  { keys: ["mod+f"], what: names.find, group: "select", run: (_, open) => open.find(), looking: true },

  {
    keys: ["shift+ArrowRight"],
    what: names.nudge,
    group: "arrange",
    run: (actions) => actions.nudge("right"),
  },
  { keys: ["shift+ArrowLeft"], what: names.nudge, group: "arrange", run: (actions) => actions.nudge("left") },
  { keys: ["shift+ArrowUp"], what: names.nudge, group: "arrange", run: (actions) => actions.nudge("up") },
  { keys: ["shift+ArrowDown"], what: names.nudge, group: "arrange", run: (actions) => actions.nudge("down") },
  { keys: ["shift+l"], what: names.tidy, group: "arrange", run: (actions) => void actions.tidy() },
  { keys: ["mod+g"], what: names.group, group: "arrange", run: (actions) => actions.group() },
  { keys: ["alt+a"], what: names.left, group: "arrange", run: (actions) => actions.align("left") },
  { keys: ["alt+d"], what: names.right, group: "arrange", run: (actions) => actions.align("right") },
  { keys: ["alt+w"], what: names.top, group: "arrange", run: (actions) => actions.align("top") },
  { keys: ["alt+s"], what: names.bottom, group: "arrange", run: (actions) => actions.align("bottom") },

  { keys: ["1"], what: names.fit, group: "view", run: (actions) => actions.fit(), looking: true },
  {
    keys: ["2"],
    what: names.fitSelection,
    group: "view",
    run: (actions) => actions.fitSelection(),
    looking: true,
  },
  { keys: ["0"], what: names.actual, group: "view", run: (actions) => actions.actualSize(), looking: true },
  { keys: ["+", "="], what: names.zoomIn, group: "view", run: (actions) => actions.zoom(1), looking: true },
  { keys: ["-"], what: names.zoomOut, group: "view", run: (actions) => actions.zoom(-1), looking: true },
  { keys: ["p"], what: names.palette, group: "view", run: (_, open) => open.togglePalette() },
  {
    keys: ["i"],
    what: names.inspector,
    group: "view",
    run: (_, open) => open.toggleInspector(),
    looking: true,
  },
  { keys: ["d"], what: names.drawer, group: "view", run: (_, open) => open.toggleDrawer(), looking: true },
  {
    keys: ["h"],
    what: names.versions,
    group: "view",
    run: (_, open) => open.toggleVersions(),
    looking: true,
  },
  { keys: ["?"], what: names.help, group: "view", run: (_, open) => open.help(), looking: true },
];

/** Keys that the browser itself understands; menus offer the same. */
export const CLIPBOARD: readonly Shortcut[] = [
  {
    keys: ["mod+c"],
    what: names.copyNow,
    group: "edit",
    // The page answers the event that this makes, and puts the JSON on the clipboard.
    run: () => void document.execCommand("copy"),
    looking: true,
  },
  {
    keys: ["mod+v"],
    what: names.pasteNow,
    group: "edit",
    run: async (actions) => {
      const at = actions.pointer && actions.toCanvas(actions.pointer);
      actions.paste(await navigator.clipboard.readText(), at);
    },
  },
];

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** Letters are compared without case, signs as they come: `?` is `shift+/` on some keyboards only. */
export function pressed({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): string {
  const letter = /^\p{L}$/u.test(key);
  const named = key.length > 1;
  return [
    (ctrlKey || metaKey) && "mod",
    shiftKey && (letter || named) && "shift",
    altKey && "alt",
    letter ? key.toLowerCase() : key,
  ]
    .filter(Boolean)
    .join("+");
}

const byKey = new Map(SHORTCUTS.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut] as const)));

export const shortcutFor = (event: Pressed): Shortcut | null => byKey.get(pressed(event)) ?? null;

/** For the sheet: shortcuts of one meaning on one line. */
export function sheet(): Map<Shortcut["group"], [what: string, keys: string[]][]> {
  const groups = new Map<Shortcut["group"], Map<string, string[]>>();
  for (const { group, what, keys } of SHORTCUTS) {
    const lines = groups.get(group) ?? new Map<string, string[]>();
    groups.set(group, lines.set(what, [...(lines.get(what) ?? []), ...keys]));
  }
  return new Map([...groups].map(([group, lines]) => [group, [...lines]]));
}
