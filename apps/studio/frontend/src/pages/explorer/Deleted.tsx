import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { api } from "~/api/client";
import { text } from "~/text";
import { useTreeChanged } from "./dialogs";
import styles from "./ExplorerPage.module.css";
import { type Item, resourceOf } from "./kinds";

/** Says what was deleted, and brings it back. */
export function Deleted({ item, onDone }: { item: Item; onDone: () => void }) {
  const changed = useTreeChanged();
  const restore = useMutation({
    mutationFn: async () => {
      await api.post(`${resourceOf(item.kind, item.id)}/restore`);
      await changed();
    },
    onSuccess: onDone,
  });
  return (
    <div className={styles.deleted} role="status">
      <span>{restore.error ? restore.error.message : text.explorer.removed(item.name)}</span>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<Undo2 size={14} />}
        loading={restore.isPending}
        onClick={() => restore.mutate()}
      >
        {text.explorer.undo}
      </Button>
    </div>
  );
}
