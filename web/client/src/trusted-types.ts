import DOMPurify from "dompurify";

/**
 * What is left of HTML that a page inserts as a string.
 *
 * `target` is harmless and in use (`<a target="_blank">`; browsers give such a window no opener). Style sheets and forms run nothing,
 * but a listing's title has no business restyling a page or asking for a password.
 */
const CLEANING = { ADD_ATTR: ["target"], FORBID_TAGS: ["style", "form"] };

/** The name of the policy for the one script this client loads itself. */
const OWN_POLICY = "superbot";

interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: PolicyRules): TrustedTypePolicy;
}

interface TrustedTypePolicy {
  // A `TrustedScriptURL`, which the types of the DOM know as a string.
  createScriptURL(url: string): string;
}

interface PolicyRules {
  createHTML?: (html: string) => string | null;
  createScript?: (script: string) => string | null;
  createScriptURL?: (url: string) => string | null;
}

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

let ownPolicy: TrustedTypePolicy | undefined;

/** Marks the address of the one script this client loads as safe to load. */
export function trustScriptUrl(url: string): string {
  try {
    // Made once: a page may allow a policy's name, but not twice.
    ownPolicy ??= trustedTypesFactory()?.createPolicy(OWN_POLICY, { createScriptURL: (candidate) => candidate });
  } catch {
    // Policies are restricted here: the browser then asks the page's own, or refuses.
  }
  return ownPolicy?.createScriptURL(url) ?? url;
}

function clean(html: string): string {
  return DOMPurify.sanitize(html, CLEANING);
}

function trustedTypesFactory(): TrustedTypePolicyFactory | undefined {
  return (globalThis as { trustedTypes?: TrustedTypePolicyFactory }).trustedTypes;
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
