/** The REST API, called as the dashboard calls it. */
export { api, Refusal, sentence } from "../../dashboard/src/api/call";
export type { SignInOptions as AuthOptions } from "../../dashboard/src/api/schema";
