/** Who is signed in here. */
import { signal } from "@preact/signals";
import { signInPath } from "../../../pages/src/next";
import { get, post, whenUnauthenticated } from "../api/call";
import type { Me } from "../api/schema";

/** The signed-in user; `undefined` until the server has said. */
export const me = signal<Me | undefined>(undefined);

/** Asks who is signed in. Whoever is not, is led to the sign-in page and back again. */
export async function startSession(): Promise<void> {
  whenUnauthenticated(goToSignIn);
  await checkSession();
}

/** Asks again, for example when the live connection was refused. */
export async function checkSession(): Promise<void> {
  try {
    me.value = await get<Me>("/api/auth/me");
  } catch {
    // Without an answer nothing is known; the connection's indicator says that there is none.
  }
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await post("/api/auth/logout");
  location.assign("/login");
}

function goToSignIn(): void {
  location.replace(signInPath(location));
}
