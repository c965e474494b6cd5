import { Link } from "wouter";
import { text } from "~/text";
import styles from "./ExecutionLabel.module.css";

/** A link to an execution by the end of its id, which is what differs. */
export function ExecutionLabel({ id }: { id: string }) {
  return (
    <Link href={`/executions/${id}`} className={`${styles.label} numbers`}>
      {text.execution.title(id)}
    </Link>
  );
}
