import { Skeleton } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { useLocation } from "wouter";
import { text } from "~/text";
import { hrefOf, ICON, type Item, isContainer } from "./kinds";
import styles from "./Tree.module.css";
import { useChildren } from "./useChildren";
import type { ContainerKind } from "./useTrail";

interface Open {
  has: (id: string) => boolean;
  set: (id: string, open: boolean) => void;
}

interface BranchProps {
  item: Item;
  level: number;
  workspace: string;
  current: string | null;
  open: Open;
}

function Branch({ item, level, workspace, current, open }: BranchProps) {
  const [, navigate] = useLocation();
  const { kind } = item;
  const opens = isContainer(kind);
  const expanded = opens && open.has(item.id);
  const Icon = ICON[item.kind];
  return (
    <div role="none">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its items */}
      <div
        role="treeitem"
        tabIndex={-1}
        aria-level={level}
        aria-selected={current === item.id}
        aria-expanded={opens ? expanded : undefined}
        className={styles.item}
        data-id={item.id}
        data-href={hrefOf(item.kind, item.id)}
        style={{ paddingLeft: 8 + (level - 1) * 16 }}
        title={item.name}
        onClick={() => {
          if (opens && !expanded) open.set(item.id, true);
          navigate(hrefOf(item.kind, item.id));
        }}
      >
        {opens ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys do the same
          // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys do the same
          <span
            className={styles.chevron}
            data-open={expanded}
            onClick={(event) => {
              event.stopPropagation();
              open.set(item.id, !expanded);
            }}
          >
            <ChevronRight size={14} />
          </span>
        ) : (
          <span className={styles.chevron} />
        )}
        <Icon size={15} strokeWidth={1.75} className={styles.icon} aria-hidden />
        <span className={styles.name}>{item.name}</span>
      </div>
      {opens && expanded && (
        <Below
          kind={kind}
          id={item.id}
          workspace={workspace}
          level={level + 1}
          current={current}
          open={open}
        />
      )}
    </div>
  );
}

interface BelowProps {
  kind: ContainerKind;
  id: string;
  workspace: string;
  level: number;
  current: string | null;
  open: Open;
}

function Below({ kind, id, workspace, level, current, open }: BelowProps) {
  const { items, pending, error } = useChildren(kind, id, workspace);
  const indent = { paddingLeft: 30 + (level - 1) * 16 };
  if (pending) {
    return (
      <div className={styles.hint} style={indent}>
        <Skeleton height={10} width={96} />
      </div>
    );
  }
  if (error) {
    return (
      <div className={styles.hint} style={indent} role="alert">
        {error.message}
      </div>
    );
  }
  if (items.length === 0) {
    return (
      <div className={styles.hint} style={indent}>
        {text.explorer.emptyFor[kind]?.[0]}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of tree items has no element of its own
    <div role="group" className={styles.list}>
      {items.map((item) => (
        <Branch key={item.id} item={item} level={level} workspace={workspace} current={current} open={open} />
      ))}
    </div>
  );
}

interface TreeProps {
  current: string | null;
  /** Containers above what is shown: they are open from the start. */
  path: readonly string[];
}

/** Workspaces down to workflows; each level is read when it is opened. Arrow keys, Home, End, Enter. */
export function Tree({ current, path }: TreeProps) {
  const roots = useChildren(null, null, null);
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const open: Open = {
    has: (id) => chosen[id] ?? path.includes(id),
    set: (id, value) => setChosen((known) => ({ ...known, [id]: value })),
  };

  /** Answers whether the key meant something here. */
  function walk(key: string, items: HTMLElement[]): boolean {
    const at = items.indexOf(document.activeElement as HTMLElement);
    const item = items[at];
    const id = item?.dataset.id ?? "";
    const expanded = item?.getAttribute("aria-expanded");
    const focus = (index: number) => items[Math.max(0, Math.min(items.length - 1, index))]?.focus();
    switch (key) {
      case "ArrowDown":
        focus(at + 1);
        return true;
      case "ArrowUp":
        focus(at - 1);
        return true;
      case "Home":
        focus(0);
        return true;
      case "End":
        focus(items.length - 1);
        return true;
      case "ArrowRight":
        if (expanded === "false") open.set(id, true);
        else if (expanded === "true") focus(at + 1);
        return true;
      case "ArrowLeft": {
        const above = Number(item?.getAttribute("aria-level")) - 1;
        if (expanded === "true") open.set(id, false);
        else
          items
            .slice(0, at)
            .findLast((each) => Number(each.getAttribute("aria-level")) === above)
            ?.focus();
        return true;
      }
      case "Enter":
        if (item?.dataset.href) navigate(item.dataset.href);
        return true;
      default:
        return false;
    }
  }

  function press(event: KeyboardEvent<HTMLDivElement>) {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="treeitem"]')];
    if (walk(event.key, items)) event.preventDefault();
  }

  if (roots.error) {
    return (
      <div className={styles.hint} role="alert">
        {roots.error.message}
      </div>
    );
  }
  if (roots.pending) {
    return (
      <div className={styles.loading} aria-busy>
        <Skeleton height={12} width="70%" />
        <Skeleton height={12} width="55%" />
        <Skeleton height={12} width="62%" />
      </div>
    );
  }
  return (
    <div
      role="tree"
      aria-label={text.explorer.tree}
      className={styles.list}
      tabIndex={0}
      onKeyDown={press}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return;
        const items = event.currentTarget;
        const first =
          items.querySelector<HTMLElement>('[role="treeitem"][aria-selected="true"]') ??
          items.querySelector<HTMLElement>('[role="treeitem"]');
        first?.focus();
      }}
    >
      {roots.items.map((item) => (
        <Branch key={item.id} item={item} level={1} workspace={item.id} current={current} open={open} />
      ))}
    </div>
  );
}
