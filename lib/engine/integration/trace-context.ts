import { parseId } from '../../common/ids.js';
import { spanHex, spanIdFromHex } from '../../common/span-hex.js';
import type { TraceNode } from '../trace-node.js';

/*
 * What a request to another process carries, so that its spans become children of ours:
 *
 *     traceparent: 00-<trace, 32 digits>-<span, 16 digits>-01           what every tracer reads
 *     tracestate:  pandaprobe=<destination>-<trace>-<span>-<1 kept, 0 left out>,<what others have put there>
 *
 * The second says that the parent reports to PandaProbe, and to which project: a server of somebody else's keeps its
 * traces to itself. It repeats the ids, because another tracer on the way may put its own into `traceparent`.
 */

/** A span of another process, or one that came back from there. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Sampling leaves the trace out. */
  readonly isLeftOut: boolean;
}

/** Source: W3C Trace Context, *tracestate*: 32 members, and 512 characters that everybody passes on. */
const maxMembers = 32;
const maxStateChars = 512;

const ourMember = /^\s*pandaprobe=/;
const ourMark = /^\s*pandaprobe=([0-9a-f]{8})-([0-9a-f]{32})-((?:[0-9a-f]{16}){1,2})-([01])\s*$/;

/** What carries `span` along, beside what the caller carries already: its `traceparent` stays. */
export function carrierOf(
  span: { readonly trace: Pick<TraceNode, 'traceId' | 'recorder'>; readonly draft: { readonly spanId: string } },
  given: { readonly traceparent?: unknown; readonly tracestate?: unknown },
): { readonly traceparent: unknown; readonly tracestate: string } {
  const { traceId, recorder } = span.trace;
  const { spanId } = span.draft;
  const isKept = recorder.isLeftOut === true ? 0 : 1;
  const trace = traceId.replaceAll('-', '');
  const hex = spanHex(traceId, spanId);
  const isWhole = spanIdFromHex(traceId, hex) === spanId;
  const mark = `${hash(recorder.destination)}-${trace}-${isWhole ? hex : spanId.replaceAll('-', '')}-${isKept}`;
  return {
    traceparent: given.traceparent ?? `00-${trace}-${hex}-0${isKept}`,
    tracestate: withMember(`pandaprobe=${mark}`, given.tracestate),
  };
}

/** The parent that a request carries, where that reports to the same destination. */
export function remoteParentIn(tracestate: unknown, destination: string | undefined): RemoteParent | undefined {
  if (typeof tracestate !== 'string') return undefined;
  const found = tracestate.split(',', maxMembers).find((member) => ourMember.test(member));
  const [, at, trace, span = '', isKept] = ourMark.exec(found ?? '') ?? [];
  const traceId = parseId(trace);
  if (traceId === undefined || at !== hash(destination)) return undefined;
  const spanId = span.length === 16 ? spanIdFromHex(traceId, span) : parseId(span);
  return spanId === undefined ? undefined : { traceId, spanId, isLeftOut: isKept === '0' };
}

function withMember(ours: string, given: unknown): string {
  const others = typeof given === 'string' ? given.split(',').filter((member) => /\S/.test(member)) : [];
  const kept = [ours];
  let chars = ours.length;
  for (const member of others.filter((other) => !ourMember.test(other)).slice(0, maxMembers - 1)) {
    chars += member.length + 1;
    if (chars > maxStateChars) break;
    kept.push(member);
  }
  return kept.join(',');
}

/** Eight digits that say whether two texts are the same, and not what they are: FNV-1a. */
function hash(text = ''): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
