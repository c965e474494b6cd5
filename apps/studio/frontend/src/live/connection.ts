/** The one socket of the page: runs the protocol of `graph/socket` on a real WebSocket. */

import {
  type Effect,
  INITIAL,
  type Input,
  type Phase,
  parseMessage,
  type SocketState,
  step,
} from "~/graph/socket";

export interface ChannelListener {
  event(event: string, data: unknown, at: string): void;
  /** Events were missed: read the resource again. */
  resync(): void;
  refused?(code: string): void;
}

const HEARTBEAT_MS = 20_000;

export class Connection {
  private state: SocketState = INITIAL;
  private socket: WebSocket | null = null;
  private retryTimer: number | undefined;
  private heartbeatTimer: number | undefined;
  private readonly listeners = new Map<string, Set<ChannelListener>>();
  private readonly phaseListeners = new Set<() => void>();

  constructor(private readonly url: string) {
    // A laptop that wakes up, or a network that is back, need not wait for the next try.
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retryNow();
    });
  }

  get phase(): Phase {
    return this.state.phase;
  }

  /** Answers the function that ends the subscription. */
  subscribe(channel: string, listener: ChannelListener): () => void {
    const known = this.listeners.get(channel) ?? new Set();
    known.add(listener);
    this.listeners.set(channel, known);
    this.feed({ kind: "want", channel });
    return () => {
      known.delete(listener);
      if (known.size === 0 && this.listeners.get(channel) === known) {
        this.listeners.delete(channel);
        this.feed({ kind: "leave", channel });
      }
    };
  }

  /** For `useSyncExternalStore`: called when the phase may have changed. */
  onPhase = (listener: () => void): (() => void) => {
    this.phaseListeners.add(listener);
    return () => this.phaseListeners.delete(listener);
  };

  private retryNow(): void {
    window.clearTimeout(this.retryTimer);
    this.feed({ kind: "retry" });
  }

  private feed(input: Input): void {
    const before = this.state.phase;
    const [state, effects] = step(this.state, input);
    this.state = state;
    for (const effect of effects) this.perform(effect);
    if (before !== this.state.phase) for (const listener of this.phaseListeners) listener();
  }

  private perform(effect: Effect): void {
    switch (effect.kind) {
      case "connect":
        this.connect();
        break;
      case "disconnect":
        this.socket?.close();
        this.lost();
        break;
      case "send":
        this.socket?.send(JSON.stringify(effect.message));
        break;
      case "retry_in":
        // Spread over time, so that a restarted server is not met by everyone at once.
        this.retryTimer = window.setTimeout(
          () => this.feed({ kind: "retry" }),
          effect.ms * (0.75 + Math.random() / 2),
        );
        break;
      case "deliver":
        for (const each of this.listeners.get(effect.channel) ?? [])
          each.event(effect.event, effect.data, effect.at);
        break;
      case "resync":
        for (const each of this.listeners.get(effect.channel) ?? []) each.resync();
        break;
      case "refused":
        for (const each of this.listeners.get(effect.channel) ?? []) each.refused?.(effect.code);
        break;
    }
  }

  private connect(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.heartbeatTimer = window.setInterval(() => this.feed({ kind: "heartbeat" }), HEARTBEAT_MS);
      this.feed({ kind: "opened" });
    };
    socket.onmessage = ({ data }) => {
      const message = socket === this.socket && typeof data === "string" ? parseMessage(data) : null;
      if (message) this.feed({ kind: "message", message });
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    window.clearInterval(this.heartbeatTimer);
    this.feed({ kind: "closed" });
  }
}

let shared: Connection | null = null;

/** The page's connection, made when it is first asked for. */
export function connection(): Connection {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  shared ??= new Connection(`${scheme}//${window.location.host}/ws/`);
  return shared;
}
