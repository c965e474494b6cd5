import { Button, SegmentedControl } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { PencilLine, RotateCcw } from "lucide-react";
import { useId } from "react";
import type { ProblemOfNode } from "~/api/types";
import type { Known } from "~/graph/expressions/completion";
import { readConditions } from "~/graph/expressions/readConditions";
import { text } from "~/text";
import { ConditionBuilder } from "./ConditionBuilder";
import styles from "./Conditions.module.css";
import { ExpressionEditor } from "./ExpressionEditor";
import type { Seen } from "./useSeen";

const words = text.inspector.conditions;

interface ConditionInputProps {
  label: string;
  value: string;
  known: Known;
  problems: readonly ProblemOfNode[];
  hint: string;
  /** What the sample has seen in a column. */
  seen: Seen;
  onChange: (value: string) => void;
}

/** A condition, written as an expression or built of rows: the same text either way. */
export function ConditionInput({ label, value, known, problems, hint, seen, onChange }: ConditionInputProps) {
  const [view, setView] = useLocalStorage({
    key: "uzo-conditions",
    defaultValue: "write",
    getInitialValueInEffect: false,
  });
  const id = useId();
  const beyond = view === "build" && readConditions(value) === null;
  return (
    <div className={styles.input}>
      <SegmentedControl
        size="xs"
        className={styles.switch ?? ""}
        aria-label={words.view}
        value={view}
        onChange={setView}
        data={[
          { value: "write", label: words.write },
          { value: "build", label: words.build },
        ]}
      />
      {view === "write" ? (
        <ExpressionEditor
          label={label}
          value={value}
          problems={problems}
          known={known}
          hint={hint}
          onChange={onChange}
        />
      ) : beyond ? (
        <div className={styles.beyond} role="note" aria-labelledby={id}>
          <p id={id}>{words.beyond}</p>
          <code>{value}</code>
          <p className={styles.soft}>{words.beyondHint}</p>
          <div className={styles.actions}>
            <Button
              size="compact-xs"
              variant="light"
              leftSection={<PencilLine size={12} />}
              onClick={() => setView("write")}
            >
              {words.edit}
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<RotateCcw size={12} />}
              onClick={() => onChange("")}
            >
              {words.startOver}
            </Button>
          </div>
        </div>
      ) : (
        <ConditionBuilder
          label={label}
          value={value}
          columns={known.columns}
          seen={seen}
          onChange={onChange}
        />
      )}
    </div>
  );
}
