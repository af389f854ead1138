import { startCaddy } from "./shipped.mjs";
import { tryProxy } from "./trial.mjs";

// Caddy 2.6 closes the body of a request when it cannot connect, also if it is to try another server.
tryProxy("Caddy", startCaddy, { repeatsBodies: false });
