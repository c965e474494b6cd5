import { Skeleton } from "@mantine/core";
import { ChevronRight, Ellipsis } from "lucide-react";
import { useLocation } from "wouter";
import { text } from "~/text";
import { type ContainerKind, holdersOf, hrefOf, ICON, type Item, isContainer } from "./kinds";
import { useDrag, useDrop, useMoving } from "./moving";
import styles from "./Tree.module.css";
import { type Children, useChildren } from "./useChildren";

export interface Open {
  has: (id: string) => boolean;
  set: (id: string, open: boolean) => void;
}

const indent = (level: number) => ({ paddingLeft: 8 + (level - 1) * 16 });

interface BranchProps {
  item: Item;
  level: number;
  current: string | null;
  open: Open;
}

function Branch({ item, level, current, open }: BranchProps) {
  const [, navigate] = useLocation();
  const { ask } = useMoving();
  const { kind } = item;
  const opens = isContainer(kind);
  const expanded = opens && open.has(item.id);
  const movable = holdersOf(kind).length > 0;
  const drag = useDrag(item, movable);
  const drop = useDrop(item, () => opens && open.set(item.id, true));
  const Icon = ICON[item.kind];
  return (
    <div role="none">
      <div
        role="treeitem"
        tabIndex={-1}
        aria-level={level}
        aria-selected={current === item.id}
        aria-expanded={opens ? expanded : undefined}
        aria-keyshortcuts={movable ? "M" : undefined}
        className={styles.item}
        data-id={item.id}
        data-href={hrefOf(item.kind, item.id)}
        style={indent(level)}
        title={item.name}
        {...drag}
        {...drop}
        onClick={() => {
          if (opens && !expanded) open.set(item.id, true);
          navigate(hrefOf(item.kind, item.id));
        }}
        onKeyDown={(event) => {
          if (event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey || !movable)
            return;
          event.preventDefault();
          ask(item);
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
        <Below kind={kind} id={item.id} level={level + 1} current={current} open={open} />
      )}
    </div>
  );
}

interface LevelProps {
  read: Children;
  level: number;
  current: string | null;
  open: Open;
}

/** What was read of one level, and the way to the rest of it. */
export function Level({ read, level, current, open }: LevelProps) {
  const { items, total, more, loadingMore } = read;
  return (
    <>
      {items.map((item) => (
        <Branch key={item.id} item={item} level={level} current={current} open={open} />
      ))}
      {more && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its items
        <div
          role="treeitem"
          tabIndex={-1}
          aria-level={level}
          aria-selected={false}
          aria-busy={loadingMore}
          className={styles.item}
          data-more
          style={indent(level)}
          onClick={(event) => {
            // It may be gone once all is there: the arrow down then leads into what came.
            const above = event.currentTarget.previousElementSibling;
            above?.querySelector<HTMLElement>('[role="treeitem"]')?.focus();
            if (!loadingMore) more();
          }}
        >
          <span className={styles.chevron} />
          <Ellipsis size={15} className={styles.icon} aria-hidden />
          <span className={styles.name}>{text.explorer.more(total - items.length)}</span>
        </div>
      )}
    </>
  );
}

interface BelowProps {
  kind: ContainerKind;
  id: string;
  level: number;
  current: string | null;
  open: Open;
}

function Below({ kind, id, level, current, open }: BelowProps) {
  const read = useChildren(id);
  const hint = { paddingLeft: 30 + (level - 1) * 16 };
  if (read.pending) {
    return (
      <div className={styles.hint} style={hint}>
        <Skeleton height={10} width={96} />
      </div>
    );
  }
  if (read.error) {
    return (
      <div className={styles.hint} style={hint} role="alert">
        {read.error.message}
      </div>
    );
  }
  if (read.items.length === 0) {
    return (
      <div className={styles.hint} style={hint}>
        {text.explorer.emptyFor[kind]?.[0]}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of tree items has no element of its own
    <div role="group" className={styles.list}>
      <Level read={read} level={level} current={current} open={open} />
    </div>
  );
}
