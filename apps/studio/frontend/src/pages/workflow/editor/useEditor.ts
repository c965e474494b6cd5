import { createContext, useContext, useSyncExternalStore } from "react";
import type { Editor, EditorState } from "./store";

const Context = createContext<Editor | null>(null);

export const EditorProvider = Context.Provider;

export function useEditor(): Editor {
  const editor = useContext(Context);
  if (editor === null) throw new Error("useEditor outside of the workflow page");
  return editor;
}

/** A part of the editor's state; the component is drawn again only when that part changes. */
export function useEditorState<T>(select: (state: EditorState) => T): T {
  const editor = useEditor();
  return useSyncExternalStore(editor.subscribe, () => select(editor.get()));
}
