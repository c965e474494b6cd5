/** The way to `/api/v1/`: the session's cookie, the CSRF token, problems as errors. */

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

/** A refusal as `application/problem+json` says it; code `unreachable` where no answer came. */
export class Problem extends Error {
  override name = "Problem";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string | null = null,
    readonly errors: FieldError[] = [],
    readonly body: Record<string, unknown> = {},
    /** Seconds to wait before the next try, where the answer says. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}

export type Query = Record<string, string | number | boolean | null | undefined>;

const ROOT = "/api/v1/";

export function csrfToken(): string {
  const found = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie);
  return found?.[1] ? decodeURIComponent(found[1]) : "";
}

function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === undefined || value === "" ? [] : [[key, String(value)]],
  );
  const search = new URLSearchParams(pairs).toString();
  return `${ROOT}${path}${search ? `?${search}` : ""}`;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function seconds(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

/** The problem that an answer's text tells. */
export function problemFrom(status: number, said: string, retryAfter: number | null = null): Problem {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(said) as Record<string, unknown>;
  } catch {
    // A proxy or a crash answers something else than a problem: the status is all there is to say.
  }
  return new Problem(
    status,
    text(body.code) ?? `http_${status}`,
    text(body.detail) ?? text(body.title) ?? `The server answered ${status}.`,
    text(body.remedy),
    Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
    body,
    retryAfter,
  );
}

const problemOf = async (response: Response): Promise<Problem> =>
  problemFrom(response.status, await response.text(), seconds(response.headers.get("Retry-After")));

/** Called once the session is over; the page decides what to do. */
let signedOut: () => void = () => undefined;
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

async function request<T>(
  method: string,
  path: string,
  options: {
    query?: Query | undefined;
    body?: unknown;
    signal?: AbortSignal | undefined;
    headers?: HeadersInit;
  } = {},
): Promise<T> {
  const headers = new Headers(options.headers);
  headers.set("Accept", "application/json");
  if (method !== "GET") headers.set("X-CSRFToken", csrfToken());
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: options.signal ?? null };
  if (options.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(address(path, options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(
      0,
      "unreachable",
      "The server cannot be reached.",
      "Check the network, then try again.",
    );
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401 && !path.startsWith("auth/session")) signedOut();
    throw problem;
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>("GET", path, { query, signal }),
  post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) =>
    request<T>("POST", path, { body, signal }),
  /** A POST that acts: repeating it with the same key never acts twice. */
  act: <T>(path: string, body: unknown, key: string) =>
    request<T>("POST", path, { body, headers: { "Idempotency-Key": key } }),
  patch: <T>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
  delete: (path: string) => request<void>("DELETE", path),
};
