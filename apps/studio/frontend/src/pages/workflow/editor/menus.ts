/** What a right click offers: the same actions as the keys, by what was clicked. */

import { text } from "~/text";
import { CLIPBOARD, SHORTCUTS, type Shortcut } from "./shortcuts";

export type MenuKind = "node" | "edge" | "selection" | "canvas";

const { keys } = text.editor;

/** Groups of what shortcuts do, with a line between groups. */
const OFFERED: Record<MenuKind, readonly (readonly string[])[]> = {
  node: [
    [keys.inspect, keys.rename, keys.connect],
    [keys.copyNow, keys.duplicate],
    [keys.bridge, keys.remove],
  ],
  edge: [[keys.remove]],
  selection: [
    [keys.copyNow, keys.duplicate, keys.group, keys.tidy],
    [keys.left, keys.right, keys.top, keys.bottom],
    [keys.bridge, keys.remove],
  ],
  canvas: [
    [keys.add, keys.note, keys.pasteNow],
    [keys.all, keys.find, keys.tidy],
    [keys.fit, keys.actual, keys.help],
  ],
};

const byMeaning = new Map([...SHORTCUTS, ...CLIPBOARD].map((shortcut) => [shortcut.what, shortcut]));

/** Groups without what one may not do, or what no key does. */
export function offered(kind: MenuKind, readOnly: boolean): Shortcut[][] {
  return OFFERED[kind]
    .map((group) =>
      group.flatMap((what) => {
        const shortcut = byMeaning.get(what);
        return shortcut && (!readOnly || shortcut.looking) ? [shortcut] : [];
      }),
    )
    .filter((group) => group.length > 0);
}

/** What is selected is what a menu opened by a key is about. */
export function kindOf(nodes: number, edges: number): MenuKind {
  if (nodes > 1) return "selection";
  if (nodes === 1) return "node";
  return edges > 0 ? "edge" : "canvas";
}
