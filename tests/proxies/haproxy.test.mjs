import { startHaproxy } from "./shipped.mjs";
import { tryProxy } from "./trial.mjs";

tryProxy("HAProxy", startHaproxy);
