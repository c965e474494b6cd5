import { ActionIcon, Button, Loader } from "@mantine/core";
import { CircleAlert, Undo2, X } from "lucide-react";
import { Problem } from "~/api/client";
import { text } from "~/text";
import styles from "./Moved.module.css";
import type { Move } from "./moving";

interface MovedProps {
  move: Move;
  pending: boolean;
  error: Error | null;
  onUndo: (move: Move) => void;
  onClose: () => void;
}

/** Says where something went, with the way back, or why it stayed. It stays until it is closed or the next move. */
export function Moved({ move, pending, error, onUndo, onClose }: MovedProps) {
  const { item, to, back } = move;
  const said = error
    ? text.explorer.notMoved(item.name)
    : pending
      ? text.explorer.moving(item.name)
      : back
        ? text.explorer.movedBack(item.name)
        : text.explorer.moved(item.name, to.name);
  const reason = error instanceof Problem ? (error.errors[0]?.message ?? error.message) : error?.message;
  return (
    <div className={styles.toast} role={error ? "alert" : "status"} data-failed={error !== null}>
      {error && <CircleAlert size={16} aria-hidden />}
      {pending && <Loader size={14} />}
      <div className={styles.said}>
        <span>{said}</span>
        {reason && <span>{reason}</span>}
        {error instanceof Problem && error.remedy && <span>{error.remedy}</span>}
      </div>
      {!pending && !error && !back && item.parent_id !== null && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<Undo2 size={14} />}
          onClick={() => onUndo(move)}
        >
          {text.explorer.undo}
        </Button>
      )}
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={text.close} onClick={onClose}>
        <X size={14} />
      </ActionIcon>
    </div>
  );
}
