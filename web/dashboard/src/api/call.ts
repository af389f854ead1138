import type { Paths } from "./paths";
import type { FieldError, Problem } from "./schema";

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
    this.fields = new Map(errors.map((error) => [error.field, locatedWords(error)]));
  }
}

/** An error's words, after the place in the field's text where it has one. People count from 1. */
function locatedWords({ message, position }: FieldError): string {
  return position === undefined ? message : `at character ${position + 1}: ${message}`;
}

/** How to call: a signal ends the request. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that have an operation of this method. */
type PathsOf<M extends Method> = { [P in keyof Paths]: Paths[P] extends Record<M, unknown> ? P : never }[keyof Paths];

/** What an operation takes: its parameters and its body, as far as it has any. */
type RequestOf<Operation> = CallOptions & {
  // A path's values are text whatever they name; many come from the page's own address, for the server to check.
  [Part in keyof Operation as Exclude<Part, "answers" | "problems">]:
    Part extends "path" ? Record<keyof Operation[Part], string | number> : Operation[Part];
};

/** What an operation answers when it succeeds. */
type AnswerOf<Operation> = Operation extends { answers: infer Answers } ? Answers[keyof Answers & (200 | 201 | 204)] : never;

/** A request may be left out where the operation needs nothing. */
type OptionalIfEmpty<Request> = object extends Request ? [request?: Request] : [request: Request];

type Caller<M extends Method> = <P extends PathsOf<M>>(
  path: P, ...request: OptionalIfEmpty<RequestOf<Paths[P][M & keyof Paths[P]]>>
) => Promise<AnswerOf<Paths[P][M & keyof Paths[P]]>>;

/** The REST API. Paths, parameters, bodies and answers are those of its description, `docs/openapi.json`. */
export const api = {
  get: caller("get"),
  post: caller("post"),
  put: caller("put"),
  patch: caller("patch"),
  delete: caller("delete"),
};

function caller<M extends Method>(method: M): Caller<M> {
  return (path, ...[request]) => send(method.toUpperCase(), path, request ?? {});
}

type QueryValue = string | number | boolean | null | undefined;

/** Writes a query; what is empty or `undefined` is left out, and a list repeats its name. */
export function query(params: Readonly<Record<string, QueryValue | readonly QueryValue[]>>): string {
  const written = new URLSearchParams();
  for (const [name, given] of Object.entries(params)) {
    for (const value of [given].flat()) {
      if (value !== undefined && value !== null && value !== "") written.append(name, String(value));
    }
  }
  const text = written.toString();
  return text === "" ? "" : `?${text}`;
}

let onUnauthenticated: (() => void) | undefined;

/** Says what is to be done when a request is answered with 401: the session has ended. */
export function whenUnauthenticated(action: () => void): void {
  onUnauthenticated = action;
}

/** A request as it is sent; `Caller` has checked it against its operation. */
interface Sent extends CallOptions {
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: object | null | undefined;
}

async function send<Answer>(method: string, template: string, request: Sent): Promise<Answer> {
  const { signal } = request;
  const address = addressOf(template, request);
  // What was to be undone is deleted at the latest when its page is left, and that must not end the request.
  const keepalive = method === "DELETE";
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(address, { method, keepalive, ...contentOf(request), ...(signal === undefined ? {} : { signal }) });
    const text = await response.text();
    answer = text === "" ? undefined : parse(text);
  } catch (error) {
    // Whoever ended the request wants no message about it.
    if (signal?.aborted) throw error;
    throw new Refusal(0, "unreachable", "The server cannot be reached. Is it running?");
  }
  if (response.ok) return answer as Answer;
  if (response.status === 401) onUnauthenticated?.();
  throw refusal(response, answer as Partial<Problem> | undefined);
}

function addressOf(template: string, { path = {}, query: params = {} }: Sent): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? "")) + query(params);
}

/** The headers and the body: JSON, or a blob as it is. */
function contentOf({ body, headers = {} }: Sent): RequestInit {
  const given = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined);
  const common = { Accept: "application/json", ...Object.fromEntries(given) };
  if (body === undefined || body === null) return { headers: common };
  const isBlob = body instanceof Blob;
  return { headers: { ...common, "Content-Type": isBlob ? body.type : "application/json" }, body: isBlob ? body : JSON.stringify(body) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a refusal of these fields is, where the page finds out before the server has to. */
export function invalid(errors: readonly FieldError[]): Refusal {
  const words = errors.map((error) => `${error.field}: ${locatedWords(error)}`).join("; ");
  return new Refusal(422, "invalid", sentence(words), errors);
}

/** `problem` is RFC 9457's `application/problem+json`, or what else a proxy on the way may have answered. */
function refusal(response: Response, problem: Partial<Problem> = {}): Refusal {
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
