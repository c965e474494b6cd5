/**
 * The protocol of `/ws/` as a state machine without a socket: inputs go in, effects come out.
 * One socket carries many channels; after a break each resumes behind the last event it has seen.
 */

export type ServerMessage =
  | { type: "subscribed"; channel: string; last_id: number }
  | { type: "event"; id: number; channel: string; event: string; data: unknown; at: string }
  | { type: "resync"; channel: string; last_id: number }
  | { type: "error"; code: string; channel?: string | null }
  | { type: "pong" };

export type ClientMessage =
  | { type: "subscribe"; channel: string; last_event_id?: number }
  | { type: "unsubscribe"; channel: string }
  | { type: "ping" };

interface Channel {
  /** Where to resume; null before the server has said anything. */
  lastId: number | null;
  /** Highest event handed on, to drop what comes twice. */
  delivered: number | null;
  refused: boolean;
}

export type Phase = "idle" | "connecting" | "open" | "waiting";

export interface SocketState {
  phase: Phase;
  /** Failed attempts since the socket was last open. */
  failures: number;
  channels: Readonly<Record<string, Channel>>;
  /** A ping that has had no answer yet. */
  pinged: boolean;
}

export type Input =
  | { kind: "want"; channel: string }
  | { kind: "leave"; channel: string }
  | { kind: "opened" }
  | { kind: "closed" }
  | { kind: "retry" }
  | { kind: "heartbeat" }
  | { kind: "message"; message: ServerMessage };

export type Effect =
  | { kind: "connect" }
  | { kind: "disconnect" }
  | { kind: "send"; message: ClientMessage }
  | { kind: "retry_in"; ms: number }
  | { kind: "deliver"; channel: string; event: string; data: unknown; at: string }
  | { kind: "resync"; channel: string }
  | { kind: "refused"; channel: string; code: string };

export type Step = readonly [SocketState, readonly Effect[]];

export const INITIAL: SocketState = { phase: "idle", failures: 0, channels: {}, pinged: false };

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 15_000;

/** Doubling delays up to 15 s; the wait itself is spread by the caller. */
export function delayAfter(failures: number): number {
  return Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
}

function subscribe(name: string, channel: Channel): ClientMessage {
  return channel.lastId === null
    ? { type: "subscribe", channel: name }
    : { type: "subscribe", channel: name, last_event_id: channel.lastId };
}

function withChannel(state: SocketState, name: string, channel: Channel): SocketState {
  return { ...state, channels: { ...state.channels, [name]: channel } };
}

function want(state: SocketState, name: string): Step {
  if (state.channels[name]) return [state, []];
  const channel: Channel = { lastId: null, delivered: null, refused: false };
  const next = withChannel(state, name, channel);
  if (state.phase === "open") return [next, [{ kind: "send", message: subscribe(name, channel) }]];
  if (state.phase === "idle") return [{ ...next, phase: "connecting" }, [{ kind: "connect" }]];
  return [next, []];
}

function leave(state: SocketState, name: string): Step {
  if (!state.channels[name]) return [state, []];
  const { [name]: _gone, ...channels } = state.channels;
  const next = { ...state, channels };
  return [
    next,
    state.phase === "open" ? [{ kind: "send", message: { type: "unsubscribe", channel: name } }] : [],
  ];
}

function opened(state: SocketState): Step {
  const effects: Effect[] = Object.entries(state.channels)
    .filter(([, channel]) => !channel.refused)
    .map(([name, channel]) => ({ kind: "send", message: subscribe(name, channel) }));
  return [{ ...state, phase: "open", failures: 0, pinged: false }, effects];
}

function closed(state: SocketState): Step {
  if (state.phase === "idle" || state.phase === "waiting") return [state, []];
  if (Object.keys(state.channels).length === 0) return [{ ...state, phase: "idle", pinged: false }, []];
  const failures = state.failures + 1;
  return [
    { ...state, phase: "waiting", failures, pinged: false },
    [{ kind: "retry_in", ms: delayAfter(failures) }],
  ];
}

function received(state: SocketState, message: ServerMessage): Step {
  if (message.type === "pong") return [{ ...state, pinged: false }, []];
  const name = message.channel;
  const channel = name ? state.channels[name] : undefined;
  if (!name || !channel) return [state, []];
  switch (message.type) {
    case "subscribed":
      // A channel that resumes keeps its place: the events between are still to come.
      return [
        channel.lastId === null ? withChannel(state, name, { ...channel, lastId: message.last_id }) : state,
        [],
      ];
    case "resync":
      return [
        withChannel(state, name, { ...channel, lastId: message.last_id, delivered: message.last_id }),
        [{ kind: "resync", channel: name }],
      ];
    case "error":
      return [
        withChannel(state, name, { ...channel, refused: true }),
        [{ kind: "refused", channel: name, code: message.code }],
      ];
    case "event": {
      if (channel.delivered !== null && message.id <= channel.delivered) return [state, []];
      const { event, data, at } = message;
      const seen = { ...channel, lastId: Math.max(channel.lastId ?? 0, message.id), delivered: message.id };
      return [withChannel(state, name, seen), [{ kind: "deliver", channel: name, event, data, at }]];
    }
  }
}

/** One step of the protocol. Pure: the same state and input give the same result. */
export function step(state: SocketState, input: Input): Step {
  switch (input.kind) {
    case "want":
      return want(state, input.channel);
    case "leave":
      return leave(state, input.channel);
    case "opened":
      return opened(state);
    case "closed":
      return closed(state);
    case "retry":
      return state.phase === "waiting"
        ? [{ ...state, phase: "connecting" }, [{ kind: "connect" }]]
        : [state, []];
    case "heartbeat":
      if (state.phase !== "open") return [state, []];
      if (state.pinged) return [state, [{ kind: "disconnect" }]];
      return [{ ...state, pinged: true }, [{ kind: "send", message: { type: "ping" } }]];
    case "message":
      return received(state, input.message);
  }
}

/** A frame of the server, or null where it is not one this client understands. */
export function parseMessage(frame: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return null;
  }
  const type = (value as { type?: unknown } | null)?.type;
  const known = ["subscribed", "event", "resync", "error", "pong"];
  return typeof type === "string" && known.includes(type) ? (value as ServerMessage) : null;
}
