import { newId } from '../../common/ids.js';
import { spanHex, spanIdStart } from '../../common/span-hex.js';
import { mergeObjects } from '../../model/merge-json.js';
import type { CapturedLateSpans, CapturedSpan, CapturedTrace, JsonText } from '../../model/records.js';
import { emptyFrame, type Frame } from '../frame.js';
import type { Recorder } from '../recorder.js';
import type { RemoteContext, RemoteOrigin, RemotePlace } from '../remote-origin.js';
import { parentIn } from '../scope.js';
import { remoteFrame } from './remote-trace.js';

/*
 * Where traces and spans belong that start on request of another process (the caller):
 *
 *     the caller reports to the same project      its trace stays its own; what starts here are spans of it
 *     the caller is not recorded by PandaProbe    the first trace here gets the caller's trace id; each later one an id of its own,
 *                                                 because the backend would take it for the same trace again
 *     it reports elsewhere, or nothing is         traces are as ever; where none is current, the context is passed on as it came
 *     recorded here
 */

/**
 * The frame in which spans, and the first trace of each flow, become spans below the caller's. `recorder` must report to the same
 * project.
 */
export function frameBelow(recorder: Recorder, context: RemoteContext, outside: Frame): Frame {
  const below = remoteFrame(recorder, 'remote', context);
  return { ...below, ambient: { ...outside.ambient, remote: new JoinedOrigin(context, recorder.destination, below) } };
}

/** The frame in which the first trace gets the caller's id. */
export function frameOwning(context: RemoteContext, outside: Frame): Frame {
  return { ...emptyFrame, ambient: { ...outside.ambient, remote: new OwnedOrigin(context) } };
}

/** The frame in which nothing of the caller's is current. */
export function framePassing(context: RemoteContext, outside: Frame): Frame {
  return { ...emptyFrame, ambient: { ...outside.ambient, remote: new PassedOrigin(context) } };
}

class PassedOrigin implements RemoteOrigin {
  readonly context: RemoteContext;

  constructor(context: RemoteContext) {
    this.context = context;
  }

  isKept(_destination: string | undefined): boolean | undefined {
    return undefined;
  }

  placeOf(_outside: Frame, _recorder: Recorder): RemotePlace | undefined {
    return undefined;
  }
}

class JoinedOrigin extends PassedOrigin {
  readonly #destination: string | undefined;
  readonly #below: Frame;

  constructor(context: RemoteContext, destination: string | undefined, below: Frame) {
    super(context);
    this.#destination = destination;
    this.#below = below;
  }

  override isKept(destination: string | undefined): boolean | undefined {
    return destination === this.#destination ? this.context.isSampled : undefined;
  }

  /** A trace that starts inside a span of this process is a trace of its own. */
  override placeOf(outside: Frame, recorder: Recorder): RemotePlace | undefined {
    const isDirect = outside.trace === this.#below.trace && parentIn(outside) === this.#below.span;
    return isDirect && recorder.destination === this.#destination ? new TraceAsSpan(this.context) : undefined;
  }
}

/** Most ids of callers that are remembered because a trace here has taken them over. */
const maxOwned = 10_000;
const owned = new Set<string>();

class OwnedOrigin extends PassedOrigin {
  override placeOf({ trace }: Frame): RemotePlace | undefined {
    const { traceId, spanId } = this.context;
    if (trace !== undefined || owned.has(traceId)) return undefined;
    owned.add(traceId);
    const [oldest] = owned;
    if (owned.size > maxOwned && oldest !== undefined) owned.delete(oldest);
    const parent = spanId === undefined ? undefined : spanHex(traceId, spanId);
    return { traceId, handedOver: (record) => ({ ...record, metadata: withParent(record.metadata, parent) }) };
  }
}

/** The caller's span as metadata. `hex` has only digits, so it needs no quoting. */
function withParent(metadata: JsonText | undefined, hex: string | undefined): JsonText | undefined {
  return hex === undefined ? metadata : mergeObjects(`{"otel.parent_span_id":"${hex}"}` as JsonText, metadata);
}

/** The place of a trace that is reported as a span of the caller's trace; its own spans are below that. */
class TraceAsSpan implements RemotePlace {
  readonly traceId: string;
  readonly spanId: string;
  readonly #parentSpanId: string | undefined;

  constructor({ traceId, spanId }: RemoteContext) {
    this.traceId = traceId;
    const start = spanIdStart(traceId);
    this.spanId = start + newId().slice(start.length);
    this.#parentSpanId = spanId;
  }

  handedOver(record: CapturedTrace, error: string | undefined): CapturedLateSpans {
    const { name, status, startedAt, endedAt, input, output, metadata, spans } = record;
    const span: CapturedSpan = {
      ...{ spanId: this.spanId, parentSpanId: this.#parentSpanId, name, kind: 'AGENT' },
      ...{ status: status === 'ERROR' ? 'ERROR' : status === 'COMPLETED' ? 'OK' : 'UNSET', startedAt, endedAt },
      ...{ input, output, error, metadata: mergeObjects(labelsOf(record), metadata) },
      ...{ completionStartTime: undefined, model: undefined, modelParameters: undefined },
      ...{ tokenUsage: undefined, cost: undefined },
    };
    return { traceId: this.traceId, spans: [span, ...spans.map((each) => this.#below(each))], isRemote: true };
  }

  late({ traceId, spans }: CapturedLateSpans): CapturedLateSpans {
    return { traceId, spans: spans.map((each) => this.#below(each)), isRemote: true };
  }

  #below(span: CapturedSpan): CapturedSpan {
    return span.parentSpanId === undefined ? { ...span, parentSpanId: this.spanId } : span;
  }
}

/** The fields of a trace that a span does not have, as metadata. */
function labelsOf({ sessionId, userId, tags }: CapturedTrace): JsonText | undefined {
  const labels = {
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(userId === undefined ? {} : { user_id: userId }),
    ...(tags.length === 0 ? {} : { tags }),
  };
  // The texts are clean.
  return Object.keys(labels).length === 0 ? undefined : (JSON.stringify(labels) as JsonText);
}
