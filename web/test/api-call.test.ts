import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, query, Refusal, whenUnauthenticated } from "../dashboard/src/api/call";

const answers: (() => Response)[] = [];
const fetched = vi.fn<(address: string, init: RequestInit) => Promise<Response>>(async () => (answers.shift() ?? (() => Response.json({})))());

beforeEach(() => vi.stubGlobal("fetch", fetched));
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockClear();
  answers.length = 0;
});

/** What was sent last. */
function sent(): { address: string; init: RequestInit } {
  const [address = "", init = {}] = fetched.mock.lastCall ?? [];
  return { address, init };
}

describe("a call", () => {
  it("writes its parameters into the address, encoded", async () => {
    await api.get("/api/sources/{name}", { path: { name: "my shop/2" } });
    expect(sent().address).toBe("/api/sources/my%20shop%2F2");
    await api.get("/api/listings", { query: { q: "a&b", source: ["ksl", "x"], limit: 50, cursor: undefined } });
    expect(sent().address).toBe("/api/listings?q=a%26b&source=ksl&source=x&limit=50");
    await api.delete("/api/price-alerts/{id}/ignored-listings/{listing_id}", { path: { id: 3, listing_id: 4 } });
    expect(sent().address).toBe("/api/price-alerts/3/ignored-listings/4");
    expect(sent().init).toMatchObject({ method: "DELETE", keepalive: true });
  });

  it("sends JSON, a blob as it is, or nothing", async () => {
    await api.patch("/api/users/{id}", { path: { id: 1 }, body: { disabled: true } });
    expect(sent().init).toMatchObject({ method: "PATCH", body: '{"disabled":true}', headers: { "Content-Type": "application/json" } });
    const page = new Blob(["<p>"], { type: "text/html" });
    await api.post("/api/sources/{name}/page", { path: { name: "x" }, body: page });
    expect(sent().init).toMatchObject({ body: page, headers: { "Content-Type": "text/html" } });
    await api.post("/api/invites");
    expect(sent().init).not.toHaveProperty("body");
    expect(sent().init.headers).toEqual({ Accept: "application/json" });
  });

  it("sends headers that the operation takes", async () => {
    await api.post("/api/system-messages", { headers: { "Idempotency-Key": "k1" }, body: { message: "hi" } });
    expect(sent().init.headers).toMatchObject({ "Idempotency-Key": "k1", Accept: "application/json" });
  });

  it("throws a refusal with the fields that are wrong", async () => {
    const problem = { code: "invalid", detail: "name: is missing", errors: [{ field: "name", message: "is missing" }] };
    answers.push(() => Response.json(problem, { status: 422 }));
    const refused: unknown = await api.get("/api/auth/me").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ status: 422, code: "invalid", message: "Name: is missing.", fields: new Map([["name", "is missing"]]) });
  });

  it("reports an ended session, and a server that cannot be reached", async () => {
    const ended = vi.fn();
    whenUnauthenticated(ended);
    answers.push(() => new Response("", { status: 401 }), () => { throw new TypeError("failed to fetch"); });
    await expect(api.get("/api/auth/me")).rejects.toMatchObject({ status: 401 });
    expect(ended).toHaveBeenCalledOnce();
    await expect(api.get("/api/auth/me")).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });

  it("that was aborted throws what the browser threw", async () => {
    const abort = new AbortController();
    abort.abort();
    answers.push(() => { throw new DOMException("aborted", "AbortError"); });
    await expect(api.get("/api/auth/me", { signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(sent().init.signal).toBe(abort.signal);
  });
});

it("a query leaves out what is empty", () => {
  expect(query({ a: "", b: undefined, c: null, d: 0, e: false, f: ["x", "", "y"] })).toBe("?d=0&e=false&f=x&f=y");
  expect(query({})).toBe("");
});

/** Never called: `npm run check` fails unless the compiler refuses each of these calls. */
export function refusedByTheCompiler(): unknown[] {
  return [
    // @ts-expect-error There is no such path.
    api.get("/api/nowhere"),
    // @ts-expect-error The path has no such method.
    api.post("/api/sessions"),
    // @ts-expect-error A path's parameter is missing.
    api.get("/api/listings/{id}"),
    // @ts-expect-error It has another name.
    api.get("/api/listings/{id}", { path: { name: 1 } }),
    // @ts-expect-error There is no such parameter.
    api.get("/api/favorites", { query: { page: 2 } }),
    // @ts-expect-error A parameter has the wrong type.
    api.get("/api/favorites", { query: { limit: "many" } }),
    // @ts-expect-error A body is required.
    api.post("/api/tokens"),
    // @ts-expect-error A field is missing from the body.
    api.post("/api/tokens", { body: { name: "x" } }),
    // @ts-expect-error The operation takes no body.
    api.post("/api/invites", { body: {} }),
    // @ts-expect-error The answer has no such field.
    api.get("/api/auth/me").then(({ email }) => email),
  ];
}
