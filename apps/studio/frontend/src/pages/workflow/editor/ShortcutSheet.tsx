import { Kbd, Modal } from "@mantine/core";
import { text } from "~/text";
import styles from "./ShortcutSheet.module.css";
import { sheet } from "./shortcuts";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const SIGNS: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: MAC ? "⇧" : "Shift",
  alt: MAC ? "⌥" : "Alt",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Delete: "Del",
  Backspace: "⌫",
  Escape: "Esc",
};

const parts = (keys: string) =>
  keys.split("+").map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part) ?? "+");

/** As people read it: `Ctrl D`. */
export const keyName = (keys: string): string => (keys === "+" ? keys : parts(keys).join(" "));

function Keys({ keys }: { keys: string }) {
  const shown = keys === "+" ? ["+"] : parts(keys);
  return (
    <span className={styles.keys}>
      {shown.map((part) => (
        <Kbd key={part} size="xs">
          {part}
        </Kbd>
      ))}
    </span>
  );
}

/** Every key of the canvas; opened by `?`. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={text.editor.sheet.title} size={760}>
      <div className={styles.sheet}>
        {[...sheet()].map(([group, lines]) => (
          <section key={group}>
            <h3>{text.editor.sheet.group[group]}</h3>
            {lines.map(([what, keys]) => (
              <div key={what} className={styles.line}>
                <span>{what}</span>
                <span className={styles.all}>
                  {keys.map((each) => (
                    <Keys key={each} keys={each} />
                  ))}
                </span>
              </div>
            ))}
            {group === "edit" && (
              <div className={styles.line}>
                <span>{text.editor.keys.copy}</span>
                <span className={styles.all}>
                  <Keys keys="mod+c" /> <Keys keys="mod+x" /> <Keys keys="mod+v" />
                </span>
              </div>
            )}
          </section>
        ))}
      </div>
      <p className={styles.hint}>{text.editor.sheet.fields}</p>
    </Modal>
  );
}
