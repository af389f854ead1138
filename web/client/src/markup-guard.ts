import DOMPurify from "dompurify";
import { trustedTypesFactory } from "./trusted-script";

/**
 * What is left of HTML that a page inserts as a string.
 *
 * `target` is harmless and in use (`<a target="_blank">`; browsers give such a window no opener). Style sheets and forms run nothing,
 * but a listing's title has no business restyling a page or asking for a password.
 */
const CLEANING = { ADD_ATTR: ["target"], FORBID_TAGS: ["style", "form"] };

/**
 * Guards every place of this page where a string becomes HTML.
 *
 * On a page that requires Trusted Types the browser calls the default policy for each of them. A browser without Trusted Types has
 * its ways of inserting HTML replaced by cleaning ones.
 */
export function guardMarkup(): void {
  const factory = trustedTypesFactory();
  if (factory === undefined) {
    guardSinks(clean);
    return;
  }
  try {
    factory.createPolicy("default", { createHTML: clean, createScript: () => null, createScriptURL: () => null });
  } catch {
    // The page has a default policy already, or allows no further one: both are its own, deliberate choice.
  }
}

function clean(html: string): string {
  return DOMPurify.sanitize(html, CLEANING);
}

/** Replaces the common HTML sinks by ones that clean first. */
function guardSinks(cleaned: (html: string) => string): void {
  guardProperty(Element.prototype, "innerHTML", cleaned);
  guardProperty(Element.prototype, "outerHTML", cleaned);
  guardProperty(ShadowRoot.prototype, "innerHTML", cleaned);
  guardProperty(HTMLIFrameElement.prototype, "srcdoc", cleaned);
  guardMethod(Element.prototype, "insertAdjacentHTML", 1, cleaned);
  guardMethod(Range.prototype, "createContextualFragment", 0, cleaned);
  guardMethod(Document.prototype, "write", 0, cleaned);
  guardMethod(Document.prototype, "writeln", 0, cleaned);
}

function guardProperty(prototype: object, name: string, cleaned: (html: string) => string): void {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  const set = property?.set;
  if (property === undefined || set === undefined) return;
  Object.defineProperty(prototype, name, {
    ...property,
    set(this: unknown, html: unknown) {
      // `null` empties an element; everything else is what its string form says.
      set.call(this, html === null ? null : cleaned(String(html)));
    },
  });
}

function guardMethod(prototype: object, name: string, htmlIndex: number, cleaned: (html: string) => string): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name];
  if (original === undefined) return;
  methods[name] = function (this: unknown, ...args: unknown[]) {
    return original.apply(this, args.map((arg, index) => (index === htmlIndex ? cleaned(String(arg)) : arg)));
  };
}
