/** A value as text that reads well: what was said line by line, else JSON; empty for null and undefined. */
export declare function textOf(value: unknown): string;
