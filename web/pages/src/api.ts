import type { Listing, UserNotification } from "../../client/websocket-client";

/** A listing as the list gives it. */
export type ListedListing = Listing & { previous_price?: number | null };

/** A notification as the list gives it. */
export type ListedNotification = UserNotification & { read_at: string | null };

/** The signed-in user. */
export interface Me {
  username: string | null;
}

/** What the sign-in page may offer. */
export interface AuthOptions {
  registration: "closed" | "invite" | "open";
  setup_needed: boolean;
}

/** What a list answers. */
export interface Page<Item> {
  items: Item[];
}

/** A request that was refused, or that nobody answered (`status` 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What is wrong, by the name of the field. */
    readonly fields: ReadonlyMap<string, string> = new Map(),
  ) {
    super(message);
  }
}

/** Reads from the REST API. */
export function get<Answer>(path: string): Promise<Answer> {
  return call(path, {});
}

/** Posts to the REST API. */
export function post<Answer>(path: string, body?: object): Promise<Answer> {
  return call(path, {
    method: "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
}

async function call<Answer>(path: string, request: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...request, headers: { Accept: "application/json", ...request.headers } });
  } catch {
    throw new Refusal(0, "unreachable", "The server cannot be reached. Is it running?");
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as Answer;
  throw refusal(response, body as ProblemDocument | undefined);
}

/** RFC 9457's `application/problem+json`. */
interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
}

function refusal(response: Response, problem: ProblemDocument = {}): Refusal {
  const code = problem.code ?? `http_${response.status}`;
  const fields = new Map((problem.errors ?? []).map(({ field, message }) => [field, message]));
  const wait_s = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && wait_s > 0) {
    return new Refusal(429, code, `Too many tries. Try again in ${wait_s} s.`);
  }
  return new Refusal(response.status, code, sentence(problem.detail ?? problem.title ?? `The server answered ${response.status}`), fields);
}

/** The server's words stand inside a sentence elsewhere; on a page they are one. */
export function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
