import { Skeleton } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useLocation } from "wouter";
import { text } from "~/text";
import { Level, type Open } from "./Branch";
import styles from "./Tree.module.css";
import { useChildren } from "./useChildren";

interface TreeProps {
  current: string | null;
  /** Containers above what is shown: they are open from the start. */
  path: readonly string[];
}

/** Workspaces down to workflows; each level is read when it is opened. Arrow keys, Home, End, Enter. */
export function Tree({ current, path }: TreeProps) {
  const roots = useChildren(null);
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
        else item?.click();
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
      aria-description={text.explorer.treeHint}
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
      <Level read={roots} level={1} current={current} open={open} />
    </div>
  );
}
