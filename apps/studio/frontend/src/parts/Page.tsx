import { ActionIcon, Skeleton } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { text } from "~/text";
import styles from "./Page.module.css";

interface PageProps {
  title: ReactNode;
  hint?: ReactNode;
  /** Filters and buttons, on the title's right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page that is read from top to bottom. */
export function Page({ title, hint, actions, children }: PageProps) {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.heading}>
          <h1>{title}</h1>
          {hint && <p>{hint}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with a heading of its own; a table inside reaches its edges. */
export function Card({ title, hint, children }: { title?: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      {title && (
        <header className={styles.cardHead}>
          <h2>{title}</h2>
          {hint && <p>{hint}</p>}
        </header>
      )}
      {children}
    </section>
  );
}

/** What holds a table's place until its rows are there. */
export function LoadingRows({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div className={`${styles.card} ${styles.loading}`} role="status" aria-busy aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={index} height={14} width={`${70 - ((index * 7) % 24)}%`} />
      ))}
    </div>
  );
}

interface PagerProps {
  total: string;
  page: number;
  pages: number;
  onPage: (page: number) => void;
}

/** How many there are, and the way through them; one page needs no way. */
export function Pager({ total, page, pages, onPage }: PagerProps) {
  return (
    <footer className={`${styles.pager} numbers`}>
      <span>{total}</span>
      {pages > 1 && (
        <nav aria-label={text.pager.label}>
          <ActionIcon
            variant="default"
            aria-label={text.pager.previous}
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            <ChevronLeft size={16} />
          </ActionIcon>
          {text.pager.of(page, pages)}
          <ActionIcon
            variant="default"
            aria-label={text.pager.next}
            disabled={page >= pages}
            onClick={() => onPage(page + 1)}
          >
            <ChevronRight size={16} />
          </ActionIcon>
        </nav>
      )}
    </footer>
  );
}
