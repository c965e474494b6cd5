import { useMutation } from "@tanstack/react-query";
import {
  createContext,
  type DragEvent,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
} from "react";
import { api } from "~/api/client";
import { useTreeChanged } from "./dialogs";
import { type Item, type Kind, mayHold, resourceOf } from "./kinds";
import { MoveDialog } from "./MoveDialog";
import { Moved } from "./Moved";

export interface Holder {
  id: string;
  name: string;
  kind: Kind;
}

export interface Move {
  item: Item;
  to: Holder;
  /** Whether this takes back a move. */
  back: boolean;
}

interface Moving {
  /** What is being dragged. */
  dragged: { current: Item | null };
  move: (item: Item, to: Holder) => void;
  /** Asks where something goes. */
  ask: (item: Item) => void;
}

const Context = createContext<Moving | null>(null);

export function useMoving(): Moving {
  const moving = useContext(Context);
  if (moving === null) throw new Error("useMoving needs a MovingProvider above it");
  return moving;
}

/** Lets what is below be moved; says what was moved or why it was not, and takes it back. */
export function MovingProvider({ children }: { children: ReactNode }) {
  const changed = useTreeChanged();
  const dragged = useRef<Item | null>(null);
  const [asked, setAsked] = useState<Item | null>(null);
  const move = useMutation({
    mutationFn: async ({ item, to }: Move) => {
      await api.post(`${resourceOf(item.kind, item.id)}/move`, { parent_id: to.id });
    },
    // After a refusal too: what is shown may be what somebody else has changed.
    onSettled: changed,
  });
  const { mutate } = move;
  const put = useCallback((item: Item, to: Holder) => mutate({ item, to, back: false }), [mutate]);
  const moving = useMemo<Moving>(() => ({ dragged, move: put, ask: setAsked }), [put]);
  return (
    <Context.Provider value={moving}>
      {children}
      {asked && <MoveDialog item={asked} onClose={() => setAsked(null)} onMove={put} />}
      {move.variables && !move.isIdle && (
        <Moved
          move={move.variables}
          pending={move.isPending}
          error={move.error}
          onUndo={({ item, to }) =>
            item.parent_id !== null &&
            mutate({
              item: { ...item, parent_id: to.id },
              to: { id: item.parent_id, name: "", kind: to.kind },
              back: true,
            })
          }
          onClose={move.reset}
        />
      )}
    </Context.Provider>
  );
}

/** What makes an element drag something; nothing for what stays where it is. */
export function useDrag(item: Item, movable: boolean) {
  const { dragged } = useMoving();
  const [active, setActive] = useState(false);
  if (!movable) return {};
  return {
    draggable: true,
    "data-dragged": active,
    onDragStart: (event: DragEvent) => {
      event.stopPropagation();
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.name);
      dragged.current = item;
      setActive(true);
    },
    onDragEnd: () => {
      dragged.current = null;
      setActive(false);
    },
  };
}

/** What makes an element take what is dropped on it. `onLinger`: something that it may take stays above it. */
export function useDrop(holder: Holder, onLinger?: () => void) {
  const { dragged, move } = useMoving();
  const [over, setOver] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const leave = () => {
    window.clearTimeout(timer.current);
    setOver(false);
  };
  return {
    "data-drop": over,
    onDragEnter: () => {
      if (dragged.current === null) return;
      window.clearTimeout(timer.current);
      if (onLinger) timer.current = window.setTimeout(onLinger, LINGER_MS);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged.current === null || !mayHold(holder, dragged.current)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "move";
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) leave();
    },
    onDrop: (event: DragEvent) => {
      leave();
      const item = dragged.current;
      if (item === null || !mayHold(holder, item)) return;
      event.preventDefault();
      event.stopPropagation();
      dragged.current = null;
      move(item, holder);
    },
  };
}

const LINGER_MS = 600;
