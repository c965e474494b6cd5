import { type Node, type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, useEffect, useRef, useState } from "react";
import { LEAST, type Note, resize, TINTS, tint, write } from "~/graph/editing/notes";
import { text } from "~/text";
import { useEditor } from "./editor/useEditor";
import styles from "./NoteCard.module.css";

export interface NoteData extends Record<string, unknown> {
  note: Note;
}

function Tints({ note }: { note: Note }) {
  const editor = useEditor();
  return (
    <div className={`${styles.tints} nodrag`}>
      {TINTS.map((each) => (
        <button
          key={each}
          type="button"
          className={styles.tintDot}
          data-tint={each}
          aria-label={text.editor.note.tint[each]}
          aria-pressed={each === note.tint}
          onClick={() => editor.change({ what: text.editor.did.note }, (raw) => tint(raw, note.id, each))}
        />
      ))}
    </div>
  );
}

/** A sticky note or a frame round some nodes; a double click writes on it. */
export const NoteCard = memo(function NoteCard({ data, selected }: NodeProps<Node<NoteData>>) {
  const { note } = data;
  const editor = useEditor();
  const [writing, setWriting] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const editable = !editor.readOnly;
  useEffect(() => {
    if (writing) field.current?.select();
  }, [writing]);
  const words = text.editor.note;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the canvas gives the keyboard's way (Enter)
    <div
      className={styles.note}
      data-kind={note.kind}
      data-tint={note.tint}
      data-selected={selected}
      data-testid={`note-${note.id}`}
      onDoubleClick={(event) => {
        event.stopPropagation();
        if (editable) setWriting(true);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !writing && editable) {
          event.preventDefault();
          event.stopPropagation();
          setWriting(true);
        }
      }}
    >
      {editable && (
        <NodeResizer
          isVisible={selected ?? false}
          minWidth={LEAST.width}
          minHeight={LEAST.height}
          onResizeEnd={(_, to) =>
            editor.change({ what: text.editor.did.note }, (raw) => resize(raw, note.id, to))
          }
        />
      )}
      {selected && editable && <Tints note={note} />}
      {writing ? (
        <textarea
          ref={field}
          className={`${styles.field} nodrag nowheel`}
          aria-label={words.label}
          rows={note.kind === "group" ? 1 : undefined}
          value={note.text}
          placeholder={note.kind === "group" ? words.titlePlaceholder : words.placeholder}
          onChange={({ currentTarget: { value } }) =>
            editor.change({ what: text.editor.did.write, key: `note:${note.id}` }, (raw) =>
              write(raw, note.id, value),
            )
          }
          onBlur={() => setWriting(false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape" || (event.key === "Enter" && note.kind === "group")) setWriting(false);
          }}
        />
      ) : (
        <div className={styles.text}>
          {note.text || <span className={styles.empty}>{editable ? words.placeholder : ""}</span>}
        </div>
      )}
    </div>
  );
});
