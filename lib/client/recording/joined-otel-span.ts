import { parseId } from '../../common/ids.js';
import type { Recorder } from '../../engine/recorder.js';
import type { JsonText } from '../../model/records.js';

/** The part of OpenTelemetry's global API that is read. Source: `@opentelemetry/api` 1, *global-utils*, *createContextKey*. */
interface OtelApi {
  readonly context?: { active(): { getValue(key: symbol): ActiveSpan | undefined } };
}
interface ActiveSpan {
  spanContext(): {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState?: { serialize(): string } | undefined;
  };
}
const apiKey = Symbol.for('opentelemetry.js.api.1');
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN');

/**
 * Most ids that are remembered because a trace has taken them over. The backend would treat a second trace with one of these ids
 * as the same trace.
 */
const maxTaken = 10_000;
const taken = new Set<string>();

/** The ids that a trace takes from OpenTelemetry's active span. None if that span is below one of ours. */
export const joinedOtelSpan: Recorder['joined'] = () => {
  try {
    const { [apiKey]: api } = globalThis as { [apiKey]?: OtelApi };
    const { traceId, spanId, traceState } = api?.context?.active().getValue(spanKey)?.spanContext() ?? {};
    const id = parseId(traceId);
    if (id === undefined || traceState?.serialize().includes('pandaprobe=') || !/^[0-9a-f]{16}$/.test(`${spanId}`))
      return;
    const metadata = `{"otel.trace_id":"${id.replaceAll('-', '')}","otel.parent_span_id":"${spanId}"}` as JsonText; // digits
    if (taken.has(id)) return { traceId: undefined, metadata };
    taken.add(id);
    const [oldest] = taken;
    if (taken.size > maxTaken && oldest !== undefined) taken.delete(oldest);
    return { traceId: id, metadata };
  } catch {
    return; // something else is stored under that symbol
  }
};
