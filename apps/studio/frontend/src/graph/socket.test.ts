import { describe, expect, it } from "vitest";
import { delayAfter, type Effect, INITIAL, type Input, parseMessage, type SocketState, step } from "./socket";

function play(inputs: Input[], from: SocketState = INITIAL): { state: SocketState; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, more] = step(state, input);
    state = next;
    effects.push(...more);
  }
  return { state, effects };
}

const event = (id: number, channel = "execution:1"): Input => ({
  kind: "message",
  message: { type: "event", id, channel, event: "node_status", data: { id }, at: "2026-11-21T10:00:00Z" },
});
const subscribed = (last_id: number): Input => ({
  kind: "message",
  message: { type: "subscribed", channel: "execution:1", last_id },
});
const want: Input = { kind: "want", channel: "execution:1" };
const delivered = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "deliver" ? [(effect.data as { id: number }).id] : []));
const sent = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));

describe("a channel", () => {
  it("connects when the first is wanted and subscribes once the socket is open", () => {
    const { effects } = play([want, { kind: "want", channel: "user:7" }, { kind: "opened" }]);
    expect(effects[0]).toEqual({ kind: "connect" });
    expect(effects.filter((effect) => effect.kind === "connect")).toHaveLength(1);
    expect(sent(effects)).toEqual([
      { type: "subscribe", channel: "execution:1" },
      { type: "subscribe", channel: "user:7" },
    ]);
  });

  it("resumes behind the last event it has seen", () => {
    const before = play([want, { kind: "opened" }, subscribed(4), event(5), event(6)]);
    const { effects } = play([{ kind: "closed" }, { kind: "retry" }, { kind: "opened" }], before.state);
    expect(sent(effects)).toEqual([{ type: "subscribe", channel: "execution:1", last_event_id: 6 }]);
  });

  it("resumes from where it began when the socket broke before any event", () => {
    const { state } = play([want, { kind: "opened" }, subscribed(41), { kind: "closed" }, { kind: "retry" }]);
    expect(sent(play([{ kind: "opened" }], state).effects)).toEqual([
      { type: "subscribe", channel: "execution:1", last_event_id: 41 },
    ]);
  });

  it("hands on what is replayed after a resume, once each", () => {
    const before = play([want, { kind: "opened" }, subscribed(0), event(1), event(2), { kind: "closed" }]);
    const { effects } = play(
      [
        { kind: "retry" },
        { kind: "opened" },
        subscribed(5),
        event(2),
        event(3),
        event(4),
        event(5),
        event(5),
      ],
      before.state,
    );
    expect(delivered(effects)).toEqual([3, 4, 5]);
  });

  it("hands on the present progress that a fresh subscription begins with, whatever its id", () => {
    const { effects } = play([want, { kind: "opened" }, subscribed(9), event(9), event(10)]);
    expect(delivered(effects)).toEqual([9, 10]);
  });

  it("asks to read the resource again when replay would have a gap, and goes on from there", () => {
    const { state, effects } = play([
      want,
      { kind: "opened" },
      subscribed(0),
      event(1),
      { kind: "message", message: { type: "resync", channel: "execution:1", last_id: 900 } },
      event(900),
      event(901),
    ]);
    expect(effects).toContainEqual({ kind: "resync", channel: "execution:1" });
    expect(delivered(effects)).toEqual([1, 901]);
    expect(state.channels["execution:1"]?.lastId).toBe(901);
  });

  it("that was refused is not asked for again", () => {
    const { state, effects } = play([
      want,
      { kind: "opened" },
      { kind: "message", message: { type: "error", code: "not_found", channel: "execution:1" } },
    ]);
    expect(effects).toContainEqual({ kind: "refused", channel: "execution:1", code: "not_found" });
    expect(sent(play([{ kind: "closed" }, { kind: "retry" }, { kind: "opened" }], state).effects)).toEqual(
      [],
    );
  });

  it("that was left gets no more events", () => {
    const { effects } = play([want, { kind: "opened" }, { kind: "leave", channel: "execution:1" }, event(1)]);
    expect(sent(effects)).toContainEqual({ type: "unsubscribe", channel: "execution:1" });
    expect(delivered(effects)).toEqual([]);
  });
});

describe("a broken socket", () => {
  it("is tried again after ever longer waits, from the start once it was open", () => {
    const first = play([want, { kind: "closed" }, { kind: "retry" }, { kind: "closed" }]);
    expect(first.effects.filter((effect) => effect.kind === "retry_in")).toEqual([
      { kind: "retry_in", ms: 500 },
      { kind: "retry_in", ms: 1000 },
    ]);
    const after = play([{ kind: "retry" }, { kind: "opened" }, { kind: "closed" }], first.state);
    expect(after.effects.at(-1)).toEqual({ kind: "retry_in", ms: 500 });
    expect(delayAfter(40)).toBe(15_000);
  });

  it("is left closed when nobody wants a channel", () => {
    const { state, effects } = play([
      want,
      { kind: "opened" },
      { kind: "leave", channel: "execution:1" },
      { kind: "closed" },
    ]);
    expect(state.phase).toBe("idle");
    expect(effects.some((effect) => effect.kind === "retry_in")).toBe(false);
  });

  it("is noticed by a ping without an answer", () => {
    const open = play([want, { kind: "opened" }, { kind: "heartbeat" }]);
    expect(sent(open.effects)).toContainEqual({ type: "ping" });
    expect(step(open.state, { kind: "heartbeat" })[1]).toEqual([{ kind: "disconnect" }]);
    const answered = play([{ kind: "message", message: { type: "pong" } }], open.state);
    expect(step(answered.state, { kind: "heartbeat" })[1]).toEqual([
      { kind: "send", message: { type: "ping" } },
    ]);
  });
});

describe("a frame", () => {
  it("that is not JSON or not of the protocol is ignored", () => {
    expect(parseMessage("{")).toBeNull();
    expect(parseMessage("null")).toBeNull();
    expect(parseMessage('{"type": "surprise"}')).toBeNull();
    expect(parseMessage('{"type": "pong"}')).toEqual({ type: "pong" });
  });
});
