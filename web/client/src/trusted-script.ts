/** The part of the Trusted Types API in use here, which the types of the DOM do not know yet. */
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

let policy: TrustedTypePolicy | undefined;

/** Marks the address of the one script this client loads itself as safe to load. */
export function trustScriptUrl(url: string): string {
  try {
    // Made once: a page may allow a policy's name, but not twice.
    policy ??= trustedTypesFactory()?.createPolicy("superbot", { createScriptURL: (candidate) => candidate });
  } catch {
    // Policies are restricted here: the browser then asks the page's own, or refuses.
  }
  return policy?.createScriptURL(url) ?? url;
}

/** The browser's Trusted Types, where it has them. */
export function trustedTypesFactory(): TrustedTypePolicyFactory | undefined {
  return (globalThis as { trustedTypes?: TrustedTypePolicyFactory }).trustedTypes;
}
