/** The text of the types for a description of a REST API. */
export function typesOf(description: { components: { schemas: Record<string, object> } }): string;

/** The types that the present description asks for. */
export function currentTypes(): Promise<string>;
