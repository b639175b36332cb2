import type { Client } from '../client/client.js';
import { getClient } from '../client/global-client.js';
import { errorText } from '../common/error-text.js';
import { ownOnly } from '../common/own.js';
import type { OtelSpan } from '../otel/otel-span.js';
import { isOfAgent } from '../otel/reading/kind.js';
import type { HeldTrace } from './held-trace.js';
import { HeldTraces, type Holding } from './held-traces.js';
import { log, safely } from './safely.js';
import type { OTelReadableSpan, OTelSpanExporter, OTelSpanProcessor } from './types.js';

/** Options that the span processor and the span exporter share. */
export interface OpenTelemetryOptions {
  /** The client that records. @defaultValue the process-wide client at that time */
  readonly client?: Client | undefined;
  /**
   * Which spans are recorded. If a span is left out, its children go to the nearest recorded span above it.
   * @defaultValue spans of agents: those with an attribute, or from a library, that docs/opentelemetry.md lists
   */
  readonly keep?: 'all' | ((span: OTelReadableSpan) => boolean) | undefined;
  /** `false` records no inputs. @defaultValue the client's setting */
  readonly captureInput?: boolean | undefined;
  /** `false` records no outputs. @defaultValue the client's setting */
  readonly captureOutput?: boolean | undefined;
}

/** How often the processor looks for quiet traces, in milliseconds. */
const roundMs = 30_000;
/** Quiet rounds (ten minutes) while a step of an agent is open, because a model call may take that long. */
const roundsOfAgent = 20;
/** How often the exporter looks for quiet traces, in milliseconds. It gets spans in batches, by default every five seconds. */
const exporterRoundMs = 2000;
const roundsWithoutRoot = 15;

/**
 * Makes a span processor for OpenTelemetry JS 1, 2 and 3. It records agents' spans of other libraries as traces of
 * PandaProbe. A trace is handed over when none of its spans is open in this process any more. Nothing of OpenTelemetry
 * is imported or registered. It never throws, and does not keep the process alive.
 *
 * @param options - which spans are recorded, and by which client
 * @returns a span processor for a provider's `spanProcessors`, alone or with others
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { pandaProbeSpanProcessor } from 'pandaprobe-ts/opentelemetry';
 *
 * const settings = { spanProcessors: [pandaProbeSpanProcessor()] }; // new NodeTracerProvider(settings)
 * ```
 */
export function pandaProbeSpanProcessor(options: OpenTelemetryOptions = {}): OTelSpanProcessor {
  let traces: HeldTraces | undefined;
  const rules: Holding = {
    ...sharedRules(options),
    ...{ isByTime: false, roundMs },
    patience: ({ open }: HeldTrace) =>
      [...open.values()].some((span) => traces?.isToBeKept(span)) ? roundsOfAgent : 1,
  };
  const held = new HeldTraces(rules);
  traces = held;
  let isOver = false;
  return {
    onStart(span, parentContext) {
      if (!isOver) safely(() => held.start(span, parentContext));
    },
    onEnd(span) {
      if (!isOver) safely(() => held.end(span));
    },
    forceFlush: () => handedOver(rules, () => held.handOver()),
    shutdown() {
      isOver = true;
      return handedOver(rules, () => held.endOpen());
    },
  };
}

/**
 * Makes a span exporter, for set-ups that accept only an exporter. An exporter does not see spans start. So a trace is sent two to
 * four seconds after its last span when its root has ended, and half a minute after its last span otherwise. Prefer {@link
 * pandaProbeSpanProcessor} where a processor can be added.
 *
 * @param options - which spans are recorded, and by which client
 * @returns an exporter for a `BatchSpanProcessor` or `SimpleSpanProcessor`
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { pandaProbeSpanExporter } from 'pandaprobe-ts/opentelemetry';
 *
 * const traceExporter = pandaProbeSpanExporter(); // new NodeSDK({ traceExporter })
 * ```
 */
export function pandaProbeSpanExporter(options: OpenTelemetryOptions = {}): OTelSpanExporter {
  const rules: Holding = {
    ...sharedRules(options),
    ...{ isByTime: true, roundMs: exporterRoundMs },
    patience: ({ hasRoot }: HeldTrace) => (hasRoot ? 1 : roundsWithoutRoot),
  };
  const held = new HeldTraces(rules);
  let isOver = false;
  return {
    export(spans, done) {
      if (!isOver) for (const span of spans) safely(() => held.end(span));
      done({ code: 0 });
    },
    forceFlush: () => handedOver(rules, () => held.handOver()),
    shutdown() {
      isOver = true;
      return handedOver(rules, () => held.endOpen());
    },
  };
}

function sharedRules(given: OpenTelemetryOptions): Omit<Holding, 'isByTime' | 'roundMs' | 'patience'> {
  const { client, keep, captureInput, captureOutput } = ownOnly(given);
  return {
    client: () => client ?? getClient(),
    isKept: filter(keep),
    onRecorded: warnOfCut,
    captureInput,
    captureOutput,
  };
}

function filter(keep: OpenTelemetryOptions['keep']): Holding['isKept'] {
  if (keep === 'all') return () => true;
  if (typeof keep !== 'function') return isAgents;
  return (span) => {
    try {
      return keep(span) === true;
    } catch (error) {
      log.warn('keep', `keep() of a span processor threw; the spans of agents are kept: ${errorText(error)}`);
      return isAgents(span);
    }
  };
}

function isAgents({ attributes, instrumentationScope, instrumentationLibrary }: OTelReadableSpan): boolean {
  return isOfAgent({ attributes, scope: (instrumentationScope ?? instrumentationLibrary)?.name ?? '' });
}

let isWarned = false;

/** Warns once per process, because every long conversation has the same problem. */
function warnOfCut({ name, droppedAttributes }: OtelSpan): void {
  if (droppedAttributes === 0 || isWarned) return;
  isWarned = true;
  log.warn(
    'dropped attributes',
    `OpenTelemetry has dropped ${droppedAttributes} attributes of the span ${name}, the last ones: often output and token counts. Set OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=2000, or spanLimits: { attributeCountLimit: 2000 } of the provider`,
  );
}

async function handedOver({ client }: Holding, what: () => void): Promise<void> {
  safely(what);
  try {
    await client().flush();
  } catch (error) {
    log.warn('OpenTelemetry', `spans of OpenTelemetry could not be sent: ${errorText(error)}`);
  }
}
