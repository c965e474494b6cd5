import { ActionIcon, Tooltip } from "@mantine/core";
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalSpaceAround,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalSpaceAround,
  Copy,
  type LucideIcon,
  SquareDashed,
  Trash2,
} from "lucide-react";
import { text } from "~/text";
import type { Actions } from "./actions";
import styles from "./SelectionBar.module.css";
import { useEditorState } from "./useEditor";

const { selection: words } = text.editor;

const ALIGN = [
  ["left", AlignStartVertical],
  ["center", AlignCenterVertical],
  ["right", AlignEndVertical],
  ["top", AlignStartHorizontal],
  ["middle", AlignCenterHorizontal],
  ["bottom", AlignEndHorizontal],
] as const;

function Tool({ label, icon: Icon, onClick }: { label: string; icon: LucideIcon; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}

/** What can be done with several selected parts. */
export function SelectionBar({ actions }: { actions: Actions }) {
  const selected = useEditorState((state) => state.selection.nodes);
  if (selected.size < 2) return null;
  return (
    <div className={styles.bar} role="toolbar" aria-label={words.label}>
      <span className={`${styles.count} numbers`}>{words.count(selected.size)}</span>
      {ALIGN.map(([side, icon]) => (
        <Tool key={side} label={words.align[side]} icon={icon} onClick={() => actions.align(side)} />
      ))}
      {selected.size > 2 && (
        <>
          <Tool
            label={words.across}
            icon={AlignHorizontalSpaceAround}
            onClick={() => actions.distribute("x")}
          />
          <Tool label={words.down} icon={AlignVerticalSpaceAround} onClick={() => actions.distribute("y")} />
        </>
      )}
      <span className={styles.rule} />
      <Tool label={words.group} icon={SquareDashed} onClick={() => actions.group()} />
      <Tool label={words.duplicate} icon={Copy} onClick={() => actions.duplicate()} />
      <Tool label={words.remove} icon={Trash2} onClick={() => actions.remove()} />
    </div>
  );
}
