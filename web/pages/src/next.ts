/** Where to go after signing in: only ever to a page of this server. */
export function nextPath(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get("next");
  if (wanted === null || !wanted.startsWith("/")) return "/";
  try {
    // The browser's own parser decides, which takes `//host` and `/\host` for other servers.
    const url = new URL(wanted, origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}

/** The sign-in page, set to come back here. */
export function signInPath({ pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">): string {
  const here = pathname + search + hash;
  return here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`;
}
