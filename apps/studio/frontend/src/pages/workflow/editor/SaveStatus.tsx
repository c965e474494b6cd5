import { Alert, Button, Group, Tooltip } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Check, CloudOff, LoaderCircle, PencilLine, TriangleAlert } from "lucide-react";
import { useLocation } from "wouter";
import { text } from "~/text";
import styles from "./SaveStatus.module.css";
import { useEditor, useEditorState } from "./useEditor";

const ICONS = {
  saved: Check,
  waiting: PencilLine,
  saving: LoaderCircle,
  offline: CloudOff,
  conflict: TriangleAlert,
  refused: TriangleAlert,
};

/** How it stands with saving, in one word. */
export function SaveStatus() {
  const { phase, version, refusal } = useEditorState((state) => state.save);
  const Icon = ICONS[phase];
  const { saveHint } = text.editor;
  const hint = {
    saved: saveHint.saved(version),
    waiting: saveHint.waiting,
    saving: saveHint.waiting,
    offline: saveHint.offline,
    conflict: saveHint.conflict,
    refused: refusal ?? "",
  }[phase];
  return (
    <Tooltip label={hint} multiline maw={300}>
      <span className={styles.status} data-phase={phase} role="status" data-testid="save-status">
        <Icon size={14} aria-hidden />
        {text.editor.save[phase]}
      </span>
    </Tooltip>
  );
}

/** Somebody else was faster: what shall become of ours? */
export function ConflictNotice({ name }: { name: string }) {
  const editor = useEditor();
  const save = useEditorState((state) => state.save);
  const [, navigate] = useLocation();
  const { conflict } = text.editor;
  const act = useMutation({
    mutationFn: async (choice: "theirs" | "mine" | "copy") => {
      if (choice === "theirs") await editor.takeTheirs();
      else if (choice === "mine") await editor.overwrite();
      else navigate(`/workflows/${await editor.keepAsCopy(conflict.copyName(name))}`);
    },
  });
  if (save.phase !== "conflict") return null;
  return (
    <Alert
      className={styles.conflict ?? ""}
      color="orange"
      variant="light"
      icon={<TriangleAlert size={18} />}
      title={conflict.title}
      role="alert"
    >
      {conflict.hint(save.theirs)}
      {act.error && <p className={styles.refusal}>{act.error.message}</p>}
      <Group gap="xs" mt="sm">
        <Tooltip label={conflict.reloadHint}>
          <Button size="xs" variant="default" disabled={act.isPending} onClick={() => act.mutate("theirs")}>
            {conflict.reload}
          </Button>
        </Tooltip>
        <Button size="xs" disabled={act.isPending} onClick={() => act.mutate("copy")}>
          {conflict.copy}
        </Button>
        <Tooltip label={conflict.overwriteHint}>
          <Button
            size="xs"
            variant="subtle"
            color="orange"
            disabled={act.isPending}
            onClick={() => act.mutate("mine")}
          >
            {conflict.overwrite}
          </Button>
        </Tooltip>
      </Group>
    </Alert>
  );
}
