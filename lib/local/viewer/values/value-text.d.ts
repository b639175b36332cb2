/** A value as readable text: messages line by line, anything else as JSON; empty for null and undefined. */
export declare function textOf(value: unknown): string;
