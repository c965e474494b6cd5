import { text } from "~/text";
import styles from "./Members.module.css";

/** Whether somebody may sign in, as a dot and a word. */
export function State({ state }: { state: keyof typeof text.people.members.states }) {
  return (
    <span className={styles.stateWord} data-state={state}>
      {text.people.members.states[state]}
    </span>
  );
}
