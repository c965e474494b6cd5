import { useLocalStorage } from "@mantine/hooks";
import { type KeyboardEvent, type PointerEvent, useCallback } from "react";
import styles from "./Splitter.module.css";

export interface PanelState {
  size: number;
  open: boolean;
}

interface Bounds {
  least: number;
  most: number;
}

/** The size of a panel, remembered by this browser. */
export function usePanel(name: string, initial: PanelState) {
  const [state, setState] = useLocalStorage<PanelState>({
    key: `uzo-panel-${name}`,
    defaultValue: initial,
    getInitialValueInEffect: false,
  });
  const setSize = useCallback((size: number) => setState((known) => ({ ...known, size })), [setState]);
  const toggle = useCallback(() => setState((known) => ({ ...known, open: !known.open })), [setState]);
  const open = useCallback(
    () => setState((known) => (known.open ? known : { ...known, open: true })),
    [setState],
  );
  return { ...state, setSize, toggle, openPanel: open };
}

interface SplitterProps extends Bounds {
  /** The edge of the panel that the bar lies on. */
  edge: "top" | "left" | "right";
  label: string;
  size: number;
  onResize: (size: number) => void;
}

const STEP = 16;

/** A bar that resizes the panel beside it, by pointer or arrow keys. */
export function Splitter({ edge, label, size, onResize, least, most }: SplitterProps) {
  const clamp = (value: number) => Math.round(Math.min(most, Math.max(least, value)) / 4) * 4;
  const along = edge === "top" ? "y" : "x";

  function drag(event: PointerEvent<HTMLDivElement>) {
    if (event.button !== 0) return;
    const bar = event.currentTarget;
    const from = along === "x" ? event.clientX : event.clientY;
    const sign = edge === "right" ? 1 : -1;
    bar.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) =>
      onResize(clamp(size + sign * ((along === "x" ? moved.clientX : moved.clientY) - from)));
    const end = () => {
      bar.removeEventListener("pointermove", move);
      bar.removeEventListener("lostpointercapture", end);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", end);
  }

  function press(event: KeyboardEvent) {
    const grow = edge === "top" ? "ArrowUp" : edge === "left" ? "ArrowLeft" : "ArrowRight";
    const shrink = edge === "top" ? "ArrowDown" : edge === "left" ? "ArrowRight" : "ArrowLeft";
    if (event.key === grow) onResize(clamp(size + STEP));
    else if (event.key === shrink) onResize(clamp(size - STEP));
    else return;
    event.preventDefault();
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: hr cannot be a focusable separator with a value
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={along === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={most}
      className={styles.bar}
      data-edge={edge}
      onPointerDown={drag}
      onKeyDown={press}
    />
  );
}
