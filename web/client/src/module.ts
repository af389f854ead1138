export { createClient } from "./create-client";
export { guardMarkup } from "./markup-guard";
