import { describe, expect, it } from "vitest";
import { isDirty, QUIET_MS, type SaveInput, type SaveState, start, step } from "./autosave";

const play = (...inputs: SaveInput<string>[]) => {
  let state: SaveState<string> = start("a", 7);
  const effects = [];
  for (const input of inputs) {
    const [next, done] = step(state, input);
    state = next;
    effects.push(...done);
  }
  return { state, effects };
};
const edited = (value: string): SaveInput<string> => ({ kind: "edited", value });
const due: SaveInput<string> = { kind: "due" };

describe("autosave", () => {
  it("waits for a quiet moment, then saves on the version it knows", () => {
    const { state, effects } = play(edited("b"), edited("c"), due);
    expect(effects).toEqual([
      { kind: "wait", ms: QUIET_MS },
      { kind: "wait", ms: QUIET_MS },
      { kind: "send", value: "c", version: 7 },
    ]);
    expect(state.phase).toBe("saving");
  });
  it("saves one at a time, each on the version that the last one made", () => {
    const { state, effects } = play(edited("b"), due, edited("c"), due, { kind: "stored", version: 8 }, due);
    expect(effects.filter(({ kind }) => kind === "send")).toEqual([
      { kind: "send", value: "b", version: 7 },
      { kind: "send", value: "c", version: 8 },
    ]);
    const [over] = step(state, { kind: "stored", version: 9 });
    expect([over.phase, over.version, over.saved, isDirty(over)]).toEqual(["saved", 9, "c", false]);
  });
  it("saves nothing where an edit was undone in time", () => {
    const { state, effects } = play(edited("b"), edited("a"), due);
    expect(effects.some(({ kind }) => kind === "send")).toBe(false);
    expect(state.phase).toBe("saved");
  });
  it("tries again while the server is out of reach, with what is newest", () => {
    const { state, effects } = play(edited("b"), due, { kind: "unreachable" }, edited("c"), due);
    expect(effects.at(-1)).toEqual({ kind: "send", value: "c", version: 7 });
    const [again, more] = step(state, { kind: "unreachable" });
    expect([again.phase, more]).toEqual(["offline", [{ kind: "wait", ms: 2000 }]]);
  });
  it("writes nothing over somebody else's version until the person has decided", () => {
    const { state } = play(edited("b"), due, { kind: "conflict", version: 9 }, edited("c"), due);
    expect([state.phase, state.theirs, state.wanted]).toEqual(["conflict", 9, "c"]);
    const [mine, effects] = step(state, { kind: "loaded", version: 9, value: "theirs", wanted: "c" });
    expect(effects).toEqual([{ kind: "wait", ms: 0 }]);
    expect(step(mine, due)[1]).toEqual([{ kind: "send", value: "c", version: 9 }]);
    const [given] = step(state, { kind: "loaded", version: 9, value: "theirs", wanted: "theirs" });
    expect([given.phase, isDirty(given)]).toEqual(["saved", false]);
  });
  it("reads what someone else saved where nothing of ours is unsaved, else it is a conflict", () => {
    expect(play({ kind: "announced", version: 8 }).effects).toEqual([{ kind: "read" }]);
    expect(play({ kind: "announced", version: 7 }).effects).toEqual([]);
    expect(play(edited("b"), { kind: "announced", version: 8 }).state.phase).toBe("conflict");
  });
  it("takes the announcement of its own save for nothing else, before or after the answer", () => {
    const before = play(edited("b"), due, { kind: "announced", version: 8 }, { kind: "stored", version: 8 });
    const after = play(edited("b"), due, { kind: "stored", version: 8 }, { kind: "announced", version: 8 });
    expect(before.state).toEqual(after.state);
    expect(before.state.phase).toBe("saved");
  });
  it("reads a version that was made right after its own", () => {
    const { effects } = play(
      edited("b"),
      due,
      { kind: "announced", version: 9 },
      { kind: "stored", version: 8 },
    );
    expect(effects.at(-1)).toEqual({ kind: "read" });
  });
  it("says what the server refused, and tries again only with the next edit", () => {
    const { state } = play(edited("b"), due, { kind: "refused", why: "too large" }, due);
    expect([state.phase, state.refusal]).toEqual(["refused", "too large"]);
    expect(step(state, edited("c"))[0].phase).toBe("waiting");
  });
});
