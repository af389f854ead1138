import { createClient, guardMarkup } from "./module";
import { optionsOfTag } from "./script-tag";

// Only while a classic script runs does the browser know its tag.
const options = optionsOfTag(document.currentScript instanceof HTMLScriptElement ? document.currentScript : null);

// A page of another origin has a policy of its own, or chose to have none.
if ((options.url ?? location.origin) === location.origin) guardMarkup();

globalThis.wsClient = createClient(options);
