import type { Client } from '../client/client.js';
import { partsOf, recorderOf } from '../client/recording/client-parts.js';
import { silentLog } from '../common/log.js';
import { wallMs } from '../common/real-time.js';
import { contextIn, isSameDestination } from '../engine/integration/trace-context.js';
import type { Recorder } from '../engine/recorder.js';
import { currentFrame } from '../engine/scope.js';
import type { OtelSpan } from '../otel/otel-span.js';
import { spanUuid } from '../otel/reading/span-values.js';
import { traceValues } from '../otel/reading/trace-values.js';
import type { SpanValues, TraceValues } from '../otel/values.js';

/** Spans of one trace to be handed over, at least one. The parent of each is among those that are kept. */
export interface TracePart {
  readonly spans: readonly OtelSpan[];
  /** The `tracestate` of remote parents, by the id of the span. */
  readonly remoteStates: ReadonlyMap<string, string>;
  /** `whole`: no span is open. `running`: some are, and end later. `cut`: some are, and nobody will see their end. */
  readonly state: 'whole' | 'running' | 'cut';
}

/** Whether inputs and outputs are recorded; undefined: as the client does. */
export interface CaptureChoice {
  readonly captureInput?: boolean | undefined;
  readonly captureOutput?: boolean | undefined;
}

/**
 * Hands one trace over to the client, as a trace of its own. If a parent in another process reports to the same project, its
 * spans are added to that process's trace instead.
 */
export class Outlet {
  readonly #capturing: CaptureChoice;
  #client: Client | undefined;
  #recorder: Recorder | undefined;
  /** The state in which the trace was last handed over. After `running`, it is handed over again at its end. */
  #sent: 'nothing' | 'running' | 'ended' = 'nothing';
  /** While the trace is running: its name, input and output by its first root, which later parts may not have. */
  #firstRoot: { readonly rootId: string; readonly trace: TraceValues } | undefined;

  constructor(capturing: CaptureChoice) {
    this.#capturing = capturing;
  }

  handOver(client: Client, part: TracePart): void {
    const recorder = this.#recorderOf(client);
    const parts = partsOf(client);
    if (recorder === undefined || parts === undefined) return;
    const { spans, remoteStates, state } = part;
    const isFirst = this.#sent === 'nothing';
    const read = this.#asFirstRootSays(traceValues(spans, isFirst && state === 'whole').trace, spans);
    const joined = joinedParents(spans, remoteStates, recorder.destination);
    if (joined?.isLeftOut === true) return;
    const values = this.#withoutLeftOut(state === 'whole' ? read : withOpenSpans(read, state), recorder);
    const record = parts.recordOf(
      { ...values, spans: values.spans.map((span) => withParent(span, joined)) },
      silentLog,
    );
    if (joined === undefined && this.#sent !== 'ended') recorder.ended(record, record);
    else
      recorder.late({
        traceId: joined?.traceId ?? record.traceId,
        spans: record.spans,
        isRemote: joined !== undefined,
      });
    this.#sent = joined === undefined && record.status === 'RUNNING' ? 'running' : 'ended';
    if (this.#sent === 'ended') this.#firstRoot = undefined;
  }

  /** The trace with the name, input and output of its first root, which may have been handed over with an earlier part. */
  #asFirstRootSays(trace: TraceValues, spans: TracePart['spans']): TraceValues {
    const rootId = spans.find(({ parentId }) => parentId === undefined)?.spanId;
    if (this.#firstRoot === undefined || this.#firstRoot.rootId === rootId) {
      this.#firstRoot = rootId === undefined ? undefined : { rootId, trace: { ...trace, spans: [] } };
      return trace;
    }
    const known = this.#firstRoot.trace;
    const status = rootId !== undefined && trace.status === 'ERROR' ? trace.status : known.status;
    const endedAt = Math.max(known.endedAt ?? 0, trace.endedAt ?? 0) || undefined;
    return { ...trace, ...known, spans: trace.spans, status, endedAt };
  }

  /** One recorder for the whole trace, so that sampling keeps all of it or nothing. */
  #recorderOf(client: Client): Recorder | undefined {
    if (client === this.#client) return this.#recorder;
    this.#client = client;
    this.#recorder = recorderOf(client, currentFrame());
    this.#sent = 'nothing';
    this.#firstRoot = undefined;
    return this.#recorder;
  }

  #withoutLeftOut(trace: TraceValues, recorder: Recorder): TraceValues {
    const { captureInput = recorder.captureInput, captureOutput = recorder.captureOutput } = this.#capturing;
    const without = { ...(captureInput ? {} : { input: undefined }), ...(captureOutput ? {} : { output: undefined }) };
    if (captureInput && captureOutput) return trace;
    return { ...trace, ...without, spans: trace.spans.map((span) => ({ ...span, ...without })) };
  }
}

/** Adapts a trace to its open spans. Those whose end will never be seen end now, and are marked as unfinished. */
function withOpenSpans(trace: TraceValues, state: 'running' | 'cut'): TraceValues {
  if (trace.spans.every(({ endedAt }) => endedAt !== undefined)) return trace;
  if (state === 'running') return { ...trace, status: 'RUNNING', endedAt: undefined };
  const now = wallMs();
  const spans = trace.spans.map((span): SpanValues => {
    if (span.endedAt !== undefined) return span;
    const metadata = { ...span.metadata, 'pandaprobe.unfinished': true };
    return { ...span, endedAt: Math.max(now, span.startedAt), metadata };
  });
  return { ...trace, status: 'ERROR', endedAt: Math.max(now, trace.startedAt), spans };
}

interface JoinedTrace {
  readonly traceId: string;
  readonly isLeftOut: boolean;
  /** Ids of parents that are spans of this package, by the id of the child. */
  readonly parents: ReadonlyMap<string, string>;
}

/** The trace of PandaProbe in another process in which these spans were started; undefined if there is none. */
function joinedParents(
  spans: readonly OtelSpan[],
  states: TracePart['remoteStates'],
  destination: string | undefined,
): JoinedTrace | undefined {
  let joined: Pick<JoinedTrace, 'traceId' | 'isLeftOut'> | undefined;
  const parents = new Map<string, string>();
  for (const span of states.size === 0 ? [] : spans) {
    const context = contextIn(undefined, states.get(span.spanId));
    if (context === undefined || !isSameDestination(context, destination)) continue;
    const { traceId, spanId, isSampled } = context;
    joined ??= { traceId, isLeftOut: !isSampled };
    if (spanId !== undefined) parents.set(spanUuid(span), spanId);
  }
  return joined && { traceId: joined.traceId, isLeftOut: joined.isLeftOut, parents };
}

function withParent(span: SpanValues, joined: JoinedTrace | undefined): SpanValues {
  const parentSpanId = joined?.parents.get(span.spanId);
  return parentSpanId === undefined ? span : { ...span, parentSpanId };
}
