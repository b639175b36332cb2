import type { Attributes } from './wire/any-value.js';

/** A span in OpenTelemetry's form, from any sender. */
export interface OtelSpan {
  /** 32 hexadecimal digits, lower case. */
  readonly traceId: string;
  /** 16 hexadecimal digits, lower case. */
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** Whether the parent belongs to another process. */
  readonly isParentRemote: boolean;
  readonly name: string;
  /** The library that made the span. */
  readonly scope: string;
  readonly attributes: Attributes;
  readonly events: readonly OtelEvent[];
  readonly links: readonly OtelLink[];
  readonly status: { readonly code: number; readonly message: string };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** Number of attributes that the sender left out because of its own limit. */
  readonly droppedAttributes: number;
  readonly resource: Attributes;
}

export interface OtelEvent {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attributes: Attributes;
}

/** Another span to which a span points, such as the one that sent the message it works on. */
export interface OtelLink {
  /** 32 hexadecimal digits, lower case. */
  readonly traceId: string;
  /** 16 hexadecimal digits, lower case. */
  readonly spanId: string;
  readonly attributes: Attributes;
}

/** Instrumentation scope of the spans that this package makes. */
export const ourScope = 'pandaprobe-ts';
