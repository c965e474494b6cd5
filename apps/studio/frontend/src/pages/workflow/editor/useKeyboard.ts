import { useEffect, useRef } from "react";
import type { Actions } from "./actions";
import { type Openers, shortcutFor } from "./shortcuts";

/** True where keys belong to something that is typed into, or to a dialog above the page. */
function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest(
      "input, textarea, select, [role=dialog], [role=menu], [role=listbox], [role=separator]",
    ) !== null
  );
}

/** Enter and the arrows mean something else on a button or a tab. */
const isControl = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("button, a, [role=tab], [role=row], [role=grid]") !== null;

const isSettings = (field: HTMLElement) =>
  field.closest("[data-inspector]") !== null && field.getAttribute("aria-expanded") !== "true";

export function useShortcuts(actions: Actions, openers: Openers, enabled: boolean): void {
  const latest = useRef({ actions, openers, enabled });
  useEffect(() => {
    latest.current = { actions, openers, enabled };
  });
  useEffect(() => {
    function press(event: KeyboardEvent) {
      const { actions, openers, enabled } = latest.current;
      if (!enabled || event.defaultPrevented) return;
      // From the settings back to the canvas; an open list of choices closes first.
      if (event.key === "Escape" && event.target instanceof HTMLElement && isSettings(event.target)) {
        event.target.blur();
        return;
      }
      const inField = isElsewhere(event.target);
      if (inField) {
        const everywhere = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (!everywhere) return;
      }
      const shortcut = shortcutFor(event);
      if (shortcut === null || (actions.editor.readOnly && !shortcut.looking)) return;
      if (
        /^(Enter|Arrow|Delete|Backspace)/.test(event.key) &&
        !event.ctrlKey &&
        !event.metaKey &&
        isControl(event.target)
      ) {
        return;
      }
      event.preventDefault();
      shortcut.run(actions, openers);
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

/** Copy, cut and paste as the browser knows them: as JSON text, also between workflows and editors. */
export function useClipboard(actions: Actions): void {
  useEffect(() => {
    const isText = (event: ClipboardEvent) =>
      isElsewhere(event.target) || (window.getSelection()?.toString() ?? "") !== "";
    function copy(event: ClipboardEvent) {
      const text = isText(event) ? null : actions.copied();
      if (text === null || event.clipboardData === null) return;
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut" && !actions.editor.readOnly) actions.remove();
    }
    function paste(event: ClipboardEvent) {
      if (isElsewhere(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const at = actions.pointer && actions.toCanvas(actions.pointer);
      if (actions.paste(text, at)) event.preventDefault();
    }
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [actions]);
}
