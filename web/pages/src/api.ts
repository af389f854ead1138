/** The REST API, called as the dashboard calls it. */
export { get, post, Refusal, sentence } from "../../dashboard/src/api/call";

/** What the sign-in page may offer. */
export interface AuthOptions {
  registration: "closed" | "invite" | "open";
  setup_needed: boolean;
}
