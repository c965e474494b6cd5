/** What was, is and will be: undo and redo of any value, with runs of small changes as one step. */

export interface Step<T> {
  value: T;
  /** What the change that led here was, for "Undo move". */
  what: string;
}

export interface History<T> {
  past: readonly Step<T>[];
  present: Step<T>;
  future: readonly Step<T>[];
  /** The run that further changes of the same key join; null after anything else. */
  run: { key: string; at: number } | null;
}

/** So many steps can be undone. */
export const DEPTH = 200;
/** A pause so long ends a run of typing. */
export const PAUSE_MS = 1200;

export const begin = <T>(value: T): History<T> => ({
  past: [],
  present: { value, what: "" },
  future: [],
  run: null,
});

export interface Said {
  what: string;
  /** Changes with the same key within a pause are one step: typing in one field, arrow keys, a drag. */
  key?: string | undefined;
  at: number;
}

/** The history with a new present; itself where nothing changed. */
export function record<T>(history: History<T>, value: T, { what, key, at }: Said): History<T> {
  if (value === history.present.value) return history;
  const run = key === undefined ? null : { key, at };
  const { run: last } = history;
  const joins = last !== null && last.key === key && at - last.at <= PAUSE_MS && history.future.length === 0;
  if (joins) return { ...history, present: { value, what }, run };
  return {
    past: [...history.past, history.present].slice(-DEPTH),
    present: { value, what },
    future: [],
    run,
  };
}

export const canUndo = (history: History<unknown>): boolean => history.past.length > 0;
export const canRedo = (history: History<unknown>): boolean => history.future.length > 0;

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    run: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...rest] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future: rest, run: null };
}
