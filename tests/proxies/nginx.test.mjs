import { startNginx } from "./shipped.mjs";
import { tryProxy } from "./trial.mjs";

tryProxy("nginx", startNginx);
