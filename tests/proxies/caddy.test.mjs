import { startCaddy } from "./shipped.mjs";
import { tryProxy } from "./trial.mjs";

tryProxy("Caddy", startCaddy);
