import { TextInput, UnstyledButton } from "@mantine/core";
import { ChevronDown, Search } from "lucide-react";
import { type DragEvent, useState } from "react";
import type { NodeTypeDoc } from "~/api/types";
import { grouped, keyOf, search } from "~/graph/editing/palette";
import { nodeIcon } from "~/parts/icons";
import { text } from "~/text";
import styles from "./Palette.module.css";

/** What a drag from the palette carries: the type's `category.operation`. */
export const DRAGGED = "application/x-uzo-node-type";

interface PaletteProps {
  types: readonly NodeTypeDoc[];
  onAdd: (type: NodeTypeDoc) => void;
}

function Item({ type, onAdd }: { type: NodeTypeDoc; onAdd: (type: NodeTypeDoc) => void }) {
  const Icon = nodeIcon(type.category, type.operation, type.icon);
  function drag(event: DragEvent) {
    event.dataTransfer.setData(DRAGGED, keyOf(type));
    event.dataTransfer.effectAllowed = "copy";
  }
  return (
    <UnstyledButton
      className={styles.item ?? ""}
      data-category={type.category}
      draggable
      onDragStart={drag}
      onClick={() => onAdd(type)}
      title={type.description}
    >
      <span className={styles.tile} aria-hidden>
        <Icon size={15} strokeWidth={1.75} />
      </span>
      <span className={styles.label}>{type.label}</span>
    </UnstyledButton>
  );
}

/** The nodes there are, by category; found by typing. */
export function Palette({ types, onAdd }: PaletteProps) {
  const [query, setQuery] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const found = search(types, query);
  const toggle = (category: string) =>
    setClosed((known) => {
      const next = new Set(known);
      if (!next.delete(category)) next.add(category);
      return next;
    });
  return (
    <div className={styles.palette}>
      <TextInput
        size="xs"
        m={12}
        mb={8}
        leftSection={<Search size={14} />}
        placeholder={text.editor.palette.search}
        aria-label={text.editor.palette.search}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = found;
          if (event.key === "Enter" && first) onAdd(first);
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div className={styles.list}>
        {found.length === 0 && <p className={styles.none}>{text.editor.palette.none}</p>}
        {query.trim() !== ""
          ? found.map((type) => <Item key={keyOf(type)} type={type} onAdd={onAdd} />)
          : grouped(types).map(([category, members]) => (
              <section key={category} aria-label={text.editor.palette.category[category] ?? category}>
                <UnstyledButton
                  className={styles.category ?? ""}
                  aria-expanded={!closed.has(category)}
                  onClick={() => toggle(category)}
                >
                  {text.editor.palette.category[category] ?? category}
                  <ChevronDown size={14} aria-hidden />
                </UnstyledButton>
                {!closed.has(category) &&
                  members.map((type) => <Item key={keyOf(type)} type={type} onAdd={onAdd} />)}
              </section>
            ))}
      </div>
    </div>
  );
}
