import type { Attributes } from './wire/any-value.js';

/** A span in OpenTelemetry's form, from any sender. */
export interface OtelSpan {
  /** 32 hexadecimal digits, lower case. */
  readonly traceId: string;
  /** 16 hexadecimal digits, lower case. */
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** The parent is another process's. */
  readonly isParentRemote: boolean;
  readonly name: string;
  /** The library that made the span. */
  readonly scope: string;
  readonly attributes: Attributes;
  readonly events: readonly OtelEvent[];
  readonly status: { readonly code: number; readonly message: string };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** Attributes that the sender left out, because it takes no more for a span. */
  readonly droppedAttributes: number;
  readonly resource: Attributes;
}

export interface OtelEvent {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attributes: Attributes;
}

/** Scope of the spans that this package makes. */
export const ourScope = 'pandaprobe-ts';
