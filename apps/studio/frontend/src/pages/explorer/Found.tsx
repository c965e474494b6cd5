import { Button, Skeleton } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Link } from "wouter";
import { found, type Step } from "~/api/tree";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { text } from "~/text";
import styles from "./Found.module.css";
import { hrefOf, ICON } from "./kinds";

export const pathText = (path: readonly Step[]) => path.map(({ name }) => name).join(" / ");

const linksIn = (list: Element | null) => [...(list?.querySelectorAll<HTMLElement>("a[data-hit]") ?? [])];

/** From the field to the first hit. Answers whether there is one. */
export function intoHits(list: Element | null): boolean {
  const [first] = linksIn(list);
  first?.focus();
  return first !== undefined;
}

interface FoundProps {
  search: string;
  onClear: () => void;
  /** Up from the first hit. */
  onLeave: () => void;
}

/** Everything of that name with where it lies. Arrow keys walk the hits, Enter opens one. */
export function Found({ search, onClear, onLeave }: FoundProps) {
  const asked = useInfiniteQuery({ ...found({ search }), placeholderData: keepPreviousData });
  const hits = (asked.data?.pages ?? []).flatMap(({ results }) => results);
  const total = asked.data?.pages.at(-1)?.count ?? 0;

  function press(event: KeyboardEvent<HTMLElement>) {
    if (event.key === "Escape") {
      onClear();
      return;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const links = linksIn(event.currentTarget);
    const at = links.indexOf(document.activeElement as HTMLElement) + by;
    if (at < 0) onLeave();
    else links[Math.min(at, links.length - 1)]?.focus();
  }

  if (asked.isError) return <ErrorNotice error={asked.error} retry={() => void asked.refetch()} />;
  if (asked.isPending) {
    return (
      <div className={styles.loading} role="status" aria-busy aria-label={text.loading}>
        <Skeleton height={12} width="70%" />
        <Skeleton height={12} width="55%" />
      </div>
    );
  }
  if (hits.length === 0) {
    return (
      <Notice
        icon={SearchX}
        role="status"
        title={text.explorer.noneFound(search)}
        action={
          <Button size="xs" variant="default" onClick={onClear}>
            {text.explorer.clear}
          </Button>
        }
      >
        {text.explorer.noneFoundHint}
      </Notice>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys of all links inside
    <div onKeyDown={press} data-stale={asked.isPlaceholderData} className={styles.hits}>
      <p className={styles.count} role="status">
        {text.explorer.hits(total)}
      </p>
      <ul className={styles.list} aria-label={text.explorer.filter}>
        {hits.map(({ id, name, type, path }) => {
          const Icon = ICON[type];
          const where = pathText(path);
          return (
            <li key={id}>
              <Link href={hrefOf(type, id)} data-hit title={where ? `${where} / ${name}` : name}>
                <Icon size={15} strokeWidth={1.75} aria-label={text.explorer.kind[type]} />
                <span className={styles.said}>
                  <span>{name}</span>
                  {where && <small>{where}</small>}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {asked.hasNextPage && (
        <Button
          variant="subtle"
          size="compact-sm"
          fullWidth
          loading={asked.isFetchingNextPage}
          onClick={() => void asked.fetchNextPage()}
        >
          {text.explorer.more(total - hits.length)}
        </Button>
      )}
    </div>
  );
}
