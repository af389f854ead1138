/** Where to go after signing in: only ever to a page of this server. */
export function nextAddress(search: string, origin: string): string {
  const home = `${origin}/`;
  const wanted = new URLSearchParams(search).get("next");
  if (wanted === null || !wanted.startsWith("/")) return home;
  try {
    // The browser's own parser decides, which takes `//host` and `/\host` for other servers; and the address stays a whole one,
    // for a path that begins with two slashes would name a server when it is read again.
    const url = new URL(wanted, origin);
    return url.origin === origin ? url.href : home;
  } catch {
    return home;
  }
}

/** The sign-in page, set to come back here. */
export function signInPath({ pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">): string {
  const here = pathname + search + hash;
  return here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`;
}

/** The invitation that a link carries behind `#`, which browsers send to no server. */
export function inviteOf(hash: string): string | undefined {
  const invite = /^#invite=(.+)$/.exec(hash)?.[1];
  if (invite === undefined) return undefined;
  try {
    return decodeURIComponent(invite);
  } catch {
    return invite;
  }
}
