import { ActionIcon, Button, Group, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  CircleHelp,
  History as HistoryIcon,
  Layers,
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
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import type { NodeTypeDoc } from "~/api/types";
import { difference } from "~/api/versions";
import type { Position } from "~/graph/diagram";
import { canRedo, canUndo } from "~/graph/editing/history";
import { ErrorBoundary } from "~/parts/ErrorBoundary";
import { Notice } from "~/parts/Notice";
import { Splitter } from "~/parts/Splitter";
import { text } from "~/text";
import { Canvas } from "./Canvas";
import { CanvasMarks, CanvasPlan, type Mark } from "./canvasActions";
import type { WorkflowView } from "./context";
import { Drawer } from "./Drawer";
import type { Wish } from "./editor/actions";
import { CanvasMenu, type MenuAt } from "./editor/CanvasMenu";
import { kindOf, type MenuKind } from "./editor/menus";
import { Palette } from "./editor/Palette";
import { Pickers, type Picking } from "./editor/Pickers";
import { ConflictNotice } from "./editor/SaveStatus";
import { SelectionBar } from "./editor/SelectionBar";
import { ShortcutSheet } from "./editor/ShortcutSheet";
import type { Openers } from "./editor/shortcuts";
import { useEditor, useEditorState } from "./editor/useEditor";
import { useClipboard, useShortcuts } from "./editor/useKeyboard";
import { Inspector } from "./Inspector";
import { useDrawer, useInspector, usePalette } from "./panels";
import { RunBar } from "./RunBar";
import { usePlanShown } from "./usePlanShown";
import { VersionBanner } from "./VersionBanner";
import { VersionsPanel } from "./VersionsPanel";
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
  const palette = usePalette();
  const inspector = useInspector();
  const drawer = useDrawer();
  const [picking, setPicking] = useState<Picking | null>(null);
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const marks = useMarks(view);
  const [planned, setPlanned] = usePlanShown();
  // Open at once where an earlier version is looked at.
  const [versions, setVersions] = useState(view.past !== null);
  const runButton = useRef<HTMLButtonElement>(null);

  const askToAdd = useCallback((wish: Wish, at?: Position) => setPicking({ kind: "add", wish, at }), []);
  const { openPanel: openInspector, toggle: toggleInspector } = inspector;
  const inspect = useCallback(
    (field: "first" | "name") => {
      openInspector();
      focusSoon(field);
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
    menu: () => {
      const { nodes, edges } = editor.selection;
      setMenu({ kind: kindOf(nodes.size, edges.size), at: placeForMenu(canvas.current, nodes) });
    },
    toggleVersions: () => setVersions((open) => !open),
    togglePalette: palette.toggle,
    toggleDrawer: drawer.toggle,
    toggleInspector,
  };
  useShortcuts(actions, openers, picking === null && !help && menu === null);
  useClipboard(actions);

  const openMenu = useCallback((kind: MenuKind, at: Position) => setMenu({ kind, at }), []);

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
          <CanvasPlan value={planned ? view.parts : NO_PARTS}>
            <CanvasMarks value={marks}>
              <Canvas
                actions={actions}
                diagram={view.diagram}
                schema={view.schema}
                problems={view.problems}
                execution={view.execution}
                askToAdd={askToAdd}
                onMenu={openMenu}
                onOpen={() => inspect("first")}
              />
            </CanvasMarks>
          </CanvasPlan>
          {empty && (
            <div className={styles.empty}>
              {readOnly ? (
                <Notice icon={WorkflowIcon} title={text.workflow.emptyGraph} />
              ) : (
                <Notice
                  icon={WorkflowIcon}
                  title={text.editor.canvas.emptyTitle}
                  action={
                    <Group gap="xs">
                      <Button onClick={openers.add}>{text.editor.canvas.emptyAction}</Button>
                      <Button
                        component={Link}
                        href={`/templates?job=${view.workflow.job_id}`}
                        variant="default"
                      >
                        {text.templates.from}
                      </Button>
                    </Group>
                  }
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
            <Tool
              label={planned ? text.plan.hide : text.plan.show}
              icon={Layers}
              pressed={planned}
              onClick={() => setPlanned(!planned)}
            />
            <Tool label={text.editor.find.title} icon={Search} onClick={openers.find} />
            <Tool label={text.versions.open} icon={HistoryIcon} onClick={openers.toggleVersions} />
            <Tool label={text.editor.help} icon={CircleHelp} onClick={openers.help} />
          </div>
          {!readOnly && <SelectionBar actions={actions} />}
          <ConflictNotice name={view.workflow.name} />
          <VersionBanner />
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
      {versions && (
        <aside className={styles.inspector} style={{ width: 320 }} aria-label={text.versions.title}>
          <VersionsPanel onClose={() => setVersions(false)} />
        </aside>
      )}
      {!versions && inspector.open && selected && (
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
      {menu && <CanvasMenu menu={menu} actions={actions} openers={openers} onClose={() => setMenu(null)} />}
      <ShortcutSheet opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

const NO_PARTS: WorkflowView["parts"] = new Map();
const NO_MARKS: ReadonlyMap<string, Mark> = new Map();

function useMarks({ past, workflow }: WorkflowView): ReadonlyMap<string, Mark> {
  const { data } = useQuery({ ...difference(past?.id ?? "", workflow.version), enabled: past !== null });
  return useMemo(() => {
    if (past === null || data === undefined) return NO_MARKS;
    const { removed, changed } = data.nodes;
    return new Map<string, Mark>([
      ...changed.map(({ node_id }) => [node_id, "changed"] as const),
      ...removed.map(({ node_id }) => [node_id, "removed"] as const),
    ]);
  }, [past, data]);
}

/** Where a menu opens that a key asks for: on what is selected, else in the middle. */
function placeForMenu(canvas: HTMLElement | null, nodes: ReadonlySet<string>): Position {
  const [first] = nodes;
  const node =
    first === undefined ? null : canvas?.querySelector(`.react-flow__node[data-id="${CSS.escape(first)}"]`);
  const box = (node ?? canvas)?.getBoundingClientRect();
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
}

const TRIES = 40;

/** At once, since the next key may follow at once; unless the panel or its form has to come first. */
function focusSoon(field: "first" | "name", tries = TRIES): void {
  if (!focusInspector(field) && tries > 0) window.setTimeout(() => focusSoon(field, tries - 1), 50);
}

/** Whether there was something to focus. */
function focusInspector(field: "first" | "name"): boolean {
  const panel = document.querySelector("[data-inspector]");
  const wanted =
    field === "name"
      ? panel?.querySelector<HTMLElement>("[data-node-name]")
      : panel?.querySelector<HTMLElement>(
          // Not the switch between writing and building: the field itself.
          "[data-config] :is(input:not([type=hidden], [type=radio]), textarea, [contenteditable=true], [data-add])",
        );
  wanted?.focus();
  if (wanted instanceof HTMLInputElement) wanted.select();
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
  /** Of one that is on or off. */
  pressed?: boolean;
}

function Tool({ label, icon: Icon, onClick, disabled = false, pressed }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        className={styles.tool ?? ""}
        aria-label={label}
        disabled={disabled}
        aria-pressed={pressed}
        {...(pressed && { c: "var(--accent)" })}
        onClick={onClick}
      >
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
        variant="subtle"
        color="gray"
        className={styles.tool ?? ""}
        aria-label={name}
        aria-pressed={panel.open}
        onClick={panel.toggle}
      >
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}
