import type { FieldError } from "./schema";

/** A request that was refused, or that nobody answered (`status` 0). */
export class Refusal extends Error {
  /** What is wrong, by the name of the field. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What is wrong with which field, in the server's own words. */
    readonly errors: readonly FieldError[] = [],
  ) {
    super(message);
    this.fields = new Map(errors.map(({ field, message: words }) => [field, words]));
  }
}

/** How to call: a signal ends the request. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** Reads from the REST API. */
export function get<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  return call("GET", path, undefined, options);
}

/** Posts to the REST API: JSON, or a blob as it is. */
export function post<Answer>(path: string, body?: object, options: CallOptions = {}): Promise<Answer> {
  return call("POST", path, body, options);
}

/** Puts something where the path says. */
export function put<Answer>(path: string, body: object = {}): Promise<Answer> {
  return call("PUT", path, body, {});
}

/** Changes some of the fields of what the path names. */
export function patch<Answer>(path: string, body: object): Promise<Answer> {
  return call("PATCH", path, body, {});
}

/** Deletes what the path names. */
export function del(path: string): Promise<void> {
  return call("DELETE", path, undefined, {});
}

/** Writes a query; what is empty or `undefined` is left out. */
export function query(params: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") written.set(name, String(value));
  }
  const text = written.toString();
  return text === "" ? "" : `?${text}`;
}

let onUnauthenticated: (() => void) | undefined;

/** Says what is to be done when a request is answered with 401: the session has ended. */
export function whenUnauthenticated(action: () => void): void {
  onUnauthenticated = action;
}

async function call<Answer>(method: string, path: string, body: object | undefined, { signal }: CallOptions): Promise<Answer> {
  const type = body instanceof Blob ? body.type : "application/json";
  const headers = { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": type }) };
  const content = body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) };
  // What was to be undone is deleted at the latest when its page is left, and that must not end the request.
  const keepalive = method === "DELETE";
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path, { method, headers, keepalive, ...content, ...(signal === undefined ? {} : { signal }) });
    const text = await response.text();
    answer = text === "" ? undefined : parse(text);
  } catch (error) {
    // Whoever ended the request wants no message about it.
    if (signal?.aborted) throw error;
    throw new Refusal(0, "unreachable", "The server cannot be reached. Is it running?");
  }
  if (response.ok) return answer as Answer;
  if (response.status === 401) onUnauthenticated?.();
  throw refusal(response, answer as ProblemDocument | undefined);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9457's `application/problem+json`. */
interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
}

/** What a refusal of these fields is, where the page finds out before the server has to. */
export function invalid(errors: readonly FieldError[]): Refusal {
  const words = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new Refusal(422, "invalid", sentence(words), errors);
}

function refusal(response: Response, problem: ProblemDocument = {}): Refusal {
  const code = problem.code ?? `http_${response.status}`;
  const errors = problem.errors ?? [];
  const wait_s = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && wait_s > 0) {
    return new Refusal(429, code, `Too many tries. Try again in ${wait_s} s.`);
  }
  const words = problem.detail ?? problem.title ?? `The server answered ${response.status}`;
  return new Refusal(response.status, code, sentence(words), errors);
}

/** What to tell the user of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Refusal ? error.message : "Something went wrong on this page. Reload it.";
}

/** Whether a request was ended by the page itself. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** The server's words stand inside a sentence elsewhere; on a page they are one. */
export function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
