import { ActionIcon, Button, Tooltip } from "@mantine/core";
import {
  CircleHelp,
  LayoutList,
  PanelBottom,
  PanelLeft,
  PanelRight,
  Redo2,
  Search,
  StickyNote,
  Undo2,
  Workflow as WorkflowIcon,
} from "lucide-react";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { NodeTypeDoc } from "~/api/types";
import type { Position } from "~/graph/diagram";
import { canRedo, canUndo } from "~/graph/editing/history";
import { ErrorBoundary } from "~/parts/ErrorBoundary";
import { Notice } from "~/parts/Notice";
import { Splitter, usePanel } from "~/parts/Splitter";
import { text } from "~/text";
import { Canvas } from "./Canvas";
import type { WorkflowView } from "./context";
import { Drawer } from "./Drawer";
import type { Wish } from "./editor/actions";
import { Palette } from "./editor/Palette";
import { Pickers, type Picking } from "./editor/Pickers";
import { ConflictNotice } from "./editor/SaveStatus";
import { SelectionBar } from "./editor/SelectionBar";
import { ShortcutSheet } from "./editor/ShortcutSheet";
import type { Openers } from "./editor/shortcuts";
import { useEditor, useEditorState } from "./editor/useEditor";
import { useClipboard, useShortcuts } from "./editor/useKeyboard";
import { Inspector } from "./Inspector";
import { RunBar } from "./RunBar";
import styles from "./WorkflowPage.module.css";

interface WorkspaceProps {
  view: WorkflowView;
  types: readonly NodeTypeDoc[];
  canvas: RefObject<HTMLDivElement | null>;
}

/** The panels round the canvas, and what keys and buttons open. */
export function Workspace({ view, types, canvas }: WorkspaceProps) {
  const { actions, selected, readOnly } = view;
  const editor = useEditor();
  const palette = usePanel("palette", { size: 232, open: window.innerWidth >= 1100 });
  const inspector = usePanel("inspector", { size: 352, open: window.innerWidth >= 1100 });
  const drawer = usePanel("drawer", { size: 264, open: true });
  const [picking, setPicking] = useState<Picking | null>(null);
  const [help, setHelp] = useState(false);
  const runButton = useRef<HTMLButtonElement>(null);

  const askToAdd = useCallback((wish: Wish, at?: Position) => setPicking({ kind: "add", wish, at }), []);
  const { openPanel: openInspector, toggle: toggleInspector } = inspector;
  const inspect = useCallback(
    (field: "first" | "name") => {
      openInspector();
      // At once, since the next key may follow at once; unless the panel has to be drawn first.
      if (!focusInspector(field)) window.setTimeout(() => focusInspector(field), 0);
    },
    [openInspector],
  );
  const openers: Openers = {
    add: () => setPicking({ kind: "add", wish: {} }),
    find: () => setPicking({ kind: "find" }),
    connect: () => selected && setPicking({ kind: "connect", node: selected }),
    help: () => setHelp(true),
    inspect: () => inspect("first"),
    rename: () => inspect("name"),
    run: () => runButton.current?.click(),
    togglePalette: palette.toggle,
    toggleDrawer: drawer.toggle,
    toggleInspector,
  };
  useShortcuts(actions, openers, picking === null && !help);
  useClipboard(actions);

  // A node that is looked at for the first time shows its rows.
  const { openPanel: openDrawer } = drawer;
  const chosen = selected?.id;
  const first = useRef(chosen);
  useEffect(() => {
    if (readOnly && chosen !== undefined && chosen !== first.current) openDrawer();
  }, [readOnly, chosen, openDrawer]);

  const empty = view.diagram.nodes.length === 0;
  return (
    <div className={styles.page}>
      <RunBar runButton={runButton} />
      {palette.open && !readOnly && (
        <aside
          className={styles.palette}
          style={{ width: palette.size }}
          aria-label={text.editor.palette.title}
        >
          <Splitter
            edge="right"
            label={text.editor.palette.title}
            size={palette.size}
            onResize={palette.setSize}
            least={160}
            most={360}
          />
          <Palette types={types} onAdd={(type) => actions.add(type)} />
        </aside>
      )}
      <div className={styles.left}>
        <div className={styles.canvas} ref={canvas}>
          <Canvas
            actions={actions}
            diagram={view.diagram}
            schema={view.schema}
            problems={view.problems}
            execution={view.execution}
            askToAdd={askToAdd}
            onOpen={() => inspect("first")}
          />
          {empty && (
            <div className={styles.empty}>
              {readOnly ? (
                <Notice icon={WorkflowIcon} title={text.workflow.emptyGraph} />
              ) : (
                <Notice
                  icon={WorkflowIcon}
                  title={text.editor.canvas.emptyTitle}
                  action={<Button onClick={openers.add}>{text.editor.canvas.emptyAction}</Button>}
                >
                  {text.editor.canvas.emptyHint}
                </Notice>
              )}
            </div>
          )}
          <div className={styles.tools} role="toolbar" aria-label={text.editor.canvas.toolbar}>
            {!readOnly && (
              <>
                <Toggle label={text.editor.palette.title} panel={palette} icon={PanelLeft} />
                <History />
                <Tool label={text.editor.tidy} icon={LayoutList} onClick={() => void actions.tidy()} />
                <Tool label={text.editor.keys.note} icon={StickyNote} onClick={() => actions.addNote()} />
              </>
            )}
            <Tool label={text.editor.find.title} icon={Search} onClick={openers.find} />
            <Tool label={text.editor.help} icon={CircleHelp} onClick={openers.help} />
          </div>
          {!readOnly && <SelectionBar actions={actions} />}
          <ConflictNotice name={view.workflow.name} />
          <div className={styles.toggles}>
            <Toggle label={text.workflow.drawer} panel={drawer} icon={PanelBottom} />
            {selected && <Toggle label={text.workflow.inspector} panel={inspector} icon={PanelRight} />}
          </div>
        </div>
        {drawer.open && (
          <section
            className={styles.drawer}
            style={{ height: drawer.size }}
            aria-label={text.workflow.drawer}
          >
            <Splitter
              edge="top"
              label={text.workflow.drawer}
              size={drawer.size}
              onResize={drawer.setSize}
              least={120}
              most={Math.max(160, window.innerHeight - 320)}
            />
            <Drawer />
          </section>
        )}
      </div>
      {inspector.open && selected && (
        <aside
          className={styles.inspector}
          style={{ width: inspector.size }}
          aria-label={text.workflow.inspector}
          data-inspector
        >
          <Splitter
            edge="left"
            label={text.workflow.inspector}
            size={inspector.size}
            onResize={inspector.setSize}
            least={288}
            most={640}
          />
          <ErrorBoundary key={selected.id}>
            <Inspector />
          </ErrorBoundary>
        </aside>
      )}
      {picking && (
        <Pickers
          picking={picking}
          view={view}
          types={types}
          onClose={() => setPicking(null)}
          editor={editor}
        />
      )}
      <ShortcutSheet opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** Whether there was something to focus. */
function focusInspector(field: "first" | "name"): boolean {
  const panel = document.querySelector("[data-inspector]");
  const wanted =
    field === "name"
      ? panel?.querySelector<HTMLElement>("[data-node-name]")
      : panel?.querySelector<HTMLElement>(
          "[data-config] input:not([type=hidden]), [data-config] textarea, [data-config] [contenteditable=true]",
        );
  wanted?.focus();
  if (wanted instanceof HTMLInputElement && field === "name") wanted.select();
  return wanted != null;
}

function History() {
  const editor = useEditor();
  const undoable = useEditorState((state) => canUndo(state.history));
  const redoable = useEditorState((state) => canRedo(state.history));
  const undone = useEditorState((state) => state.history.present.what);
  const redone = useEditorState((state) => state.history.future[0]?.what);
  const named = (word: string, what: string | undefined) => (what ? `${word}: ${what}` : word);
  return (
    <>
      <Tool label={named(text.editor.undo, undone)} icon={Undo2} onClick={editor.undo} disabled={!undoable} />
      <Tool label={named(text.editor.redo, redone)} icon={Redo2} onClick={editor.redo} disabled={!redoable} />
    </>
  );
}

interface ToolProps {
  label: string;
  icon: typeof Undo2;
  onClick: () => void;
  disabled?: boolean;
}

function Tool({ label, icon: Icon, onClick, disabled = false }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size="lg" aria-label={label} disabled={disabled} onClick={onClick}>
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}

interface ToggleProps {
  label: string;
  panel: { open: boolean; toggle: () => void };
  icon: typeof PanelRight;
}

function Toggle({ label, panel, icon: Icon }: ToggleProps) {
  const name = `${panel.open ? text.workflow.hide : text.workflow.show} ${label}`;
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={name}
        aria-pressed={panel.open}
        onClick={panel.toggle}
      >
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}
