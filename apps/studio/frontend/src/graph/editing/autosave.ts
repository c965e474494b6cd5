/**
 * When to save, and what it means when that fails: a machine without clock or network. Saves go one at a
 * time, each on the version that the last one made; where somebody else was faster nothing is written until
 * the person has decided.
 */

export type Phase = "saved" | "waiting" | "saving" | "offline" | "conflict" | "refused";

export interface SaveState<T> {
  phase: Phase;
  /** The version that the next save changes. */
  version: number;
  /** What the server has. */
  saved: T;
  /** What is to be saved next; `saved` itself where nothing is. */
  wanted: T;
  /** What is on its way. */
  sending: T | null;
  /** The version somebody else has made. */
  theirs: number | null;
  failures: number;
  /** Why the server refused, in its words. */
  refusal: string | null;
}

export type SaveInput<T> =
  | { kind: "edited"; value: T }
  | { kind: "due" }
  | { kind: "stored"; version: number }
  | { kind: "unreachable" }
  | { kind: "conflict"; version: number | null }
  | { kind: "refused"; why: string }
  /** Someone's save was announced. */
  | { kind: "announced"; version: number }
  /** What the server has was read: it is the base from now on. */
  | { kind: "loaded"; version: number; value: T; wanted: T };

export type SaveEffect<T> =
  | { kind: "send"; value: T; version: number }
  /** Ask again with `due` after so long; an earlier wait is over. */
  | { kind: "wait"; ms: number }
  /** Nothing of ours is unsaved and there is a newer version: read it. */
  | { kind: "read" };

export const QUIET_MS = 700;
const RETRY_MS = [1000, 2000, 5000, 10_000];

export const start = <T>(value: T, version: number): SaveState<T> => ({
  phase: "saved",
  version,
  saved: value,
  wanted: value,
  sending: null,
  theirs: null,
  failures: 0,
  refusal: null,
});

export const isDirty = <T>(state: SaveState<T>): boolean =>
  state.sending !== null || state.wanted !== state.saved;

type Answer<T> = [SaveState<T>, SaveEffect<T>[]];

export function step<T>(state: SaveState<T>, input: SaveInput<T>): Answer<T> {
  switch (input.kind) {
    case "edited":
      return edited(state, input.value);
    case "due":
      return due(state);
    case "stored":
      return stored(state, input.version);
    case "unreachable": {
      const ms = RETRY_MS[Math.min(state.failures, RETRY_MS.length - 1)] as number;
      return [
        { ...state, phase: "offline", sending: null, failures: state.failures + 1 },
        [{ kind: "wait", ms }],
      ];
    }
    case "conflict":
      return [{ ...state, phase: "conflict", sending: null, theirs: input.version ?? state.theirs }, []];
    case "refused":
      return [{ ...state, phase: "refused", sending: null, refusal: input.why }, []];
    case "announced":
      return announced(state, input.version);
    case "loaded":
      return loaded(state, input);
  }
}

function edited<T>(state: SaveState<T>, value: T): Answer<T> {
  const next = { ...state, wanted: value };
  if (state.phase === "conflict" || state.sending !== null) return [next, []];
  if (value === state.saved) return [{ ...next, phase: "saved", failures: 0, refusal: null }, []];
  // Out of reach, the retry that waits already takes this along.
  if (state.phase === "offline") return [next, []];
  return [{ ...next, phase: "waiting", refusal: null }, [{ kind: "wait", ms: QUIET_MS }]];
}

function due<T>(state: SaveState<T>): Answer<T> {
  const idle = state.phase === "waiting" || state.phase === "offline";
  if (!idle || state.sending !== null) return [state, []];
  if (state.wanted === state.saved) return [{ ...state, phase: "saved", failures: 0 }, []];
  return [
    { ...state, phase: "saving", sending: state.wanted },
    [{ kind: "send", value: state.wanted, version: state.version }],
  ];
}

function stored<T>(state: SaveState<T>, version: number): Answer<T> {
  if (state.sending === null) return [state, []];
  const next = { ...state, saved: state.sending, sending: null, version, failures: 0, refusal: null };
  if (state.theirs !== null && state.theirs > version) {
    // Announced while ours was on its way, and newer than ours.
    return announced({ ...next, phase: next.wanted === next.saved ? "saved" : "waiting" }, state.theirs);
  }
  if (next.wanted === next.saved) return [{ ...next, phase: "saved", theirs: null }, []];
  return [{ ...next, phase: "waiting", theirs: null }, [{ kind: "wait", ms: QUIET_MS }]];
}

function announced<T>(state: SaveState<T>, version: number): Answer<T> {
  if (version <= state.version) return [state, []];
  // Our own save is announced too, before or after its answer: wait for the answer.
  if (state.sending !== null) return [{ ...state, theirs: version }, []];
  if (isDirty(state)) return [{ ...state, phase: "conflict", theirs: version }, []];
  return [{ ...state, theirs: version }, [{ kind: "read" }]];
}

function loaded<T>(
  state: SaveState<T>,
  { version, value, wanted }: { version: number; value: T; wanted: T },
): Answer<T> {
  const base = {
    ...state,
    version,
    saved: value,
    wanted,
    sending: null,
    theirs: null,
    failures: 0,
    refusal: null,
  };
  if (wanted === value) return [{ ...base, phase: "saved" }, []];
  return [{ ...base, phase: "waiting" }, [{ kind: "wait", ms: 0 }]];
}
