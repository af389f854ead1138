/** Who is signed in here. */
import { signal } from "@preact/signals";
import { signInPath } from "../../../pages/src/next";
import { api, messageOf, whenUnauthenticated } from "../api/call";
import type { CallerView } from "../api/schema";
import { tellFailure } from "./toasts";

/** The signed-in user; `undefined` until the server has said. */
export const me = signal<CallerView | undefined>(undefined);

/** Whether another page has been asked for, which nothing may then take the place of. */
let isLeaving = false;

/** Leads whoever turns out not to be signed in to the sign-in page and back again. */
export function startSession(): void {
  whenUnauthenticated(goToSignIn);
  // A browser may bring a page back as it was left, for somebody who has signed out meanwhile.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isLeaving = false;
    void checkSession();
  });
}

/** Asks who is signed in; again, for example, when the live connection was refused. */
export async function checkSession(): Promise<void> {
  try {
    me.value = await api.get("/api/auth/me");
  } catch {
    // Without an answer nothing is known; the connection's indicator says that there is none.
  }
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  // The live connection notices before the answer is here, and must not lead to a sign-in that comes back to this page.
  isLeaving = true;
  try {
    await api.post("/api/auth/logout");
    location.assign("/login");
  } catch (error) {
    isLeaving = false;
    tellFailure(messageOf(error));
  }
}

function goToSignIn(): void {
  if (isLeaving) return;
  isLeaving = true;
  location.replace(signInPath(location));
}
