import { CircleCheck, CircleX } from "lucide-react";
import type { TestResult } from "~/api/types";
import { text } from "~/text";
import styles from "./ConnectorsPage.module.css";

interface TestOutcomeProps {
  result: TestResult | undefined;
  error: Error | null;
  /** All of it, where there is room for several lines. */
  whole?: boolean;
}

/** Whether a connection answered, and in how long; or why not. */
export function TestOutcome({ result, error, whole = false }: TestOutcomeProps) {
  if (error) {
    return (
      <span className={styles.result} data-ok="false" data-whole={whole} title={error.message}>
        <CircleX size={14} aria-hidden />
        <span>{error.message}</span>
      </span>
    );
  }
  if (!result) return null;
  const Icon = result.ok ? CircleCheck : CircleX;
  const words = result.ok ? text.connectors.ok(result.latency_ms) : result.message;
  return (
    <span className={styles.result} data-ok={result.ok} data-whole={whole} title={words}>
      <Icon size={14} aria-hidden />
      <span>{words}</span>
    </span>
  );
}
