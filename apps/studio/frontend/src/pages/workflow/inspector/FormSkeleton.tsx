import { Skeleton } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import { text } from "~/text";
import styles from "./Form.module.css";

/** True where the keyboard led here before the form was: then it goes on to its first field. */
let awaited = false;

/** The form before it is there: the same places, so that nothing jumps. */
export function FormSkeleton() {
  const place = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const input = place.current;
    // In a layout effect: it is undone while the input is still in the page.
    return () => {
      awaited = input !== null && input === document.activeElement;
    };
  }, []);
  return (
    <div className={styles.form} data-config aria-busy>
      <input ref={place} className={styles.waiting} aria-label={text.loading} readOnly />
      {[72, 96].map((height) => (
        <div key={height} className={styles.field}>
          <Skeleton height={12} width={88} />
          <Skeleton height={height} radius={6} />
        </div>
      ))}
    </div>
  );
}

/** Focus the first field of a form that was waited for. */
export function takeFocus(form: HTMLElement | null): void {
  if (!awaited) return;
  awaited = false;
  form?.querySelector<HTMLElement>("input:not([type=hidden]), textarea, [contenteditable=true]")?.focus();
}
