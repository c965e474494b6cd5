import { TextInput } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import styles from "./Picker.module.css";

export interface Choice {
  key: string;
  label: string;
  detail?: string;
  icon?: ReactNode;
  category?: string;
}

interface PickerProps<T extends Choice> {
  title: string;
  placeholder: string;
  none: string;
  /** Choices for what was typed, the best first. */
  choices: (query: string) => readonly T[];
  onPick: (choice: T) => void;
  onClose: () => void;
  /** Beside this point of the window, else near the top of the canvas. */
  at?: { x: number; y: number } | undefined;
}

const WIDTH = 320;
const HEIGHT = 380;

/** Typing finds, arrows choose, Enter takes, Escape leaves: one list for adding, finding and connecting. */
export function Picker<T extends Choice>({
  title,
  placeholder,
  none,
  choices,
  onPick,
  onClose,
  at,
}: PickerProps<T>) {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const list = useId();
  const box = useClickOutside<HTMLDivElement>(onClose);
  const chosen = useRef<HTMLButtonElement>(null);
  const before = useRef(document.activeElement);
  const found = choices(query);
  const current = Math.min(active, found.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is another element
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  useEffect(() => {
    const element = before.current;
    return () => {
      if (element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
    };
  }, []);

  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown") setActive((current + 1) % Math.max(found.length, 1));
    else if (event.key === "ArrowUp") setActive((current - 1 + found.length) % Math.max(found.length, 1));
    else if (event.key === "Enter") {
      const choice = found[current];
      if (choice) onPick(choice);
    } else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const place = at
    ? {
        left: Math.max(8, Math.min(at.x, window.innerWidth - WIDTH - 8)),
        top: Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 8)),
      }
    : { left: (window.innerWidth - WIDTH) / 2, top: 120 };

  return (
    <div
      ref={box}
      role="dialog"
      aria-label={title}
      className={styles.picker}
      style={{ ...place, width: WIDTH }}
    >
      <TextInput
        autoFocus
        data-autofocus
        variant="unstyled"
        classNames={{ input: styles.input ?? "", wrapper: styles.search ?? "" }}
        leftSection={<Search size={15} />}
        placeholder={placeholder}
        aria-label={title}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found[current] ? `${list}-${current}` : undefined}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div id={list} role="listbox" aria-label={title} className={styles.list}>
        {found.length === 0 && <p className={styles.none}>{none}</p>}
        {found.map((choice, index) => (
          <button
            type="button"
            key={choice.key}
            id={`${list}-${index}`}
            ref={index === current ? chosen : null}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            className={styles.choice}
            onPointerMove={() => setActive(index)}
            onClick={() => onPick(choice)}
          >
            {choice.icon && (
              <span className={styles.tile} data-category={choice.category} aria-hidden>
                {choice.icon}
              </span>
            )}
            <span className={styles.words}>
              <span className={styles.label}>{choice.label}</span>
              {choice.detail && <span className={styles.detail}>{choice.detail}</span>}
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
