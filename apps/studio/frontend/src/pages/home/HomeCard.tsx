import type { ReactNode } from "react";
import styles from "./HomePage.module.css";

/** A part of Home with a heading and a way to all of it. */
export function Card({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card}>
      <header className={styles.head}>
        <h2>{title}</h2>
        {more}
      </header>
      {children}
    </section>
  );
}
