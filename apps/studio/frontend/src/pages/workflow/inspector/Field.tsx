import type { ReactNode } from "react";
import type { ProblemOfNode } from "~/api/types";
import styles from "./Form.module.css";

interface FieldProps {
  label: string;
  description?: string | undefined;
  required?: boolean;
  problems: readonly ProblemOfNode[];
  children: ReactNode;
}

/** What surrounds an input: its name, what it is for, what is wrong. */
export function Field({ label, description, required = false, problems, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would break the layout of its inputs
    <div className={styles.field} role="group" aria-label={label}>
      <div className={styles.label} title={description || undefined}>
        {label}
        {required && (
          <span className={styles.required} aria-hidden>
            *
          </span>
        )}
      </div>
      {children}
      {description && <p className={styles.description}>{description}</p>}
      {problems.map((problem, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: problems have no identity of their own
        <p key={index} className={styles.problem} data-severity={problem.severity}>
          {problem.message}
        </p>
      ))}
    </div>
  );
}
