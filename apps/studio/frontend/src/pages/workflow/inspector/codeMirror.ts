/** How expressions look in CodeMirror: colours from the one tokenizer, sizes and colours of the pages. */

import type { Extension } from "@codemirror/state";
import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { type TokenKind, tokenize } from "~/graph/expressions/tokens";

const MARKS = new Map<TokenKind, Decoration>();

function markOf(kind: TokenKind): Decoration {
  const mark = MARKS.get(kind) ?? Decoration.mark({ class: `uzo-${kind}` });
  MARKS.set(kind, mark);
  return mark;
}

/** The language refuses longer ones; colouring them would only cost time. */
const MOST = 10_000;

function decorate(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const text = view.state.doc.toString();
  if (text.length > MOST) return Decoration.none;
  for (const { kind, start, end } of tokenize(text)) builder.add(start, end, markOf(kind));
  return builder.finish();
}

/**
 * Typing over what is selected. Left to itself Chromium keeps the look of what it replaces by an inline style, which the
 * Content-Security-Policy forbids.
 */
export const typingOver: Extension = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    const { from, to, empty } = view.state.selection.main;
    if (inputType !== "insertText" || data === null || empty || view.composing) return false;
    const insert = () =>
      view.state.update(view.state.replaceSelection(data), {
        userEvent: "input.type",
        scrollIntoView: true,
      });
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, from, to, data, insert));
    if (!taken) view.dispatch(insert());
    return true;
  },
});

export const highlighting: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }
    update({ docChanged, view }: ViewUpdate) {
      if (docChanged) this.decorations = decorate(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const look: Extension = EditorView.theme({
  "&": { fontSize: "12px", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": {
    padding: "6px 0",
    fontFamily: "var(--mantine-font-family-monospace)",
    caretColor: "var(--accent)",
  },
  ".cm-line": { padding: "0 10px", lineHeight: "20px" },
  ".cm-scroller": { fontFamily: "inherit", maxHeight: "240px" },
  ".cm-placeholder": { color: "var(--ink-soft)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "8px",
    backgroundColor: "var(--surface)",
    boxShadow: "var(--shadow-2)",
    overflow: "hidden",
    zIndex: "300",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "inherit",
    fontSize: "12px",
    maxHeight: "240px",
    minWidth: "240px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "center",
    gap: "12px",
    padding: "4px 10px",
    lineHeight: "20px",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-completionDetail": {
    marginLeft: "auto",
    fontStyle: "normal",
    fontSize: "11px",
    color: "var(--ink-soft)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--accent)" },
  ".cm-tooltip.cm-completionInfo": {
    padding: "8px 10px",
    maxWidth: "280px",
    fontSize: "12px",
    whiteSpace: "pre-wrap",
    color: "var(--ink-soft)",
  },
  ".cm-diagnostic": { padding: "8px 12px", fontSize: "12px", maxWidth: "360px", border: "0" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--status-failed)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--status-cancelled)" },
  ".cm-lintRange-error, .cm-lintRange-warning": { backgroundImage: "none", paddingBottom: "0" },
  ".cm-lintRange-error": {
    textDecoration: "underline wavy var(--status-failed) 1px",
    textUnderlineOffset: "3px",
    backgroundColor: "color-mix(in oklab, var(--status-failed) 10%, transparent)",
  },
  ".cm-lintRange-warning": {
    textDecoration: "underline wavy var(--status-cancelled) 1px",
    textUnderlineOffset: "3px",
  },
});
