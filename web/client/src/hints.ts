import type { Page } from "./page";

/** What of a client's options decides how it may become signed in. */
export interface Credentials {
  url: string;
  page: Page;
  token: string | undefined;
  withCredentials: boolean;
}

const NEW_TOKEN = "`superbot token create --scope user --user NAME` makes one";

/** What to change where a connection was refused with this code; `undefined` where waiting is all there is to do. */
export function hintFor(code: string, credentials: Credentials): string | undefined {
  switch (code) {
    case "unauthenticated":
      return unauthenticated(credentials);
    case "forbidden":
      return `The credential may not listen: use an API token of scope \`user\` (${NEW_TOKEN}).`;
    case "connect_failed":
      return unreachable(credentials);
    default:
      return undefined;
  }
}

function unauthenticated({ url, page, token, withCredentials }: Credentials): string {
  const giveToken = `give an API token of scope \`user\` as data-token (${NEW_TOKEN})`;
  if (token !== undefined) return `The API token in data-token is not valid, or not any more: ${NEW_TOKEN}.`;
  if (url === page.origin) return `Nobody is signed in. Sign in at ${url}/login, or ${giveToken}.`;
  if (withCredentials) {
    return `${url} received no session cookie from this page of ${page.origin}. Sign in at ${url}/login; if the two are not of one `
      + `site, or realtime.allowed_origins is "*", browsers or the server withhold the cookie: ${giveToken}.`;
  }
  return `This page of ${page.origin} sends no credential to ${url}. Add data-credentials to the script tag and sign in at `
    + `${url}/login, or ${giveToken}.`;
}

/** A browser does not show a page of another origin why it was refused. */
function unreachable({ url, page }: Credentials): string | undefined {
  if (url === page.origin) return undefined;
  return `${url} cannot be reached from this page. If it is running, add "${page.origin}" to realtime.allowed_origins there.`;
}
