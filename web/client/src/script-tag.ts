import type { ClientOptions } from "../websocket-client";

/** Reads the options that a page gives as attributes of the script tag. */
export function optionsOfTag(tag: HTMLScriptElement | null): ClientOptions {
  if (tag === null) return {};
  const { url, path, token } = tag.dataset;
  return {
    // An address may be given with a path or a slash at its end; only the server it names counts.
    url: originOf(url) ?? originOf(tag.src) ?? location.origin,
    ...(path === undefined ? {} : { path }),
    ...(token === undefined ? {} : { token }),
    withCredentials: "credentials" in tag.dataset,
    notifyListings: "notifyListings" in tag.dataset && tag.dataset["notifyListings"] !== "false",
  };
}

function originOf(address: string | undefined): string | undefined {
  if (address === undefined || address === "") return undefined;
  try {
    const { origin } = new URL(address, location.href);
    // Addresses without a server, such as `file:` and `data:`, have the origin "null".
    return origin === "null" ? undefined : origin;
  } catch {
    return undefined;
  }
}
