import { parseId } from '../../common/ids.js';
import { rootHex, spanHex, spanIdFromHex } from '../../common/span-hex.js';
import type { RemoteContext } from '../remote-origin.js';
import type { Place } from '../scope.js';

/*
 * The headers that make spans of another process children of a span here:
 *
 *     traceparent: 00-<trace, 32 digits>-<span, 16 digits>-01           what every tracer reads
 *     tracestate:  pandaprobe=1-<destination>-<trace>-<span>-<1 kept, 0 left out>,<what others have put there>
 *
 * `tracestate` says that the parent reports to PandaProbe, and to which project: a server that reports elsewhere does not add its
 * spans to the trace. It repeats the ids, because another tracer on the way may put its own into `traceparent`. If the entry is
 * only `pandaprobe=1`, the ids are those of `traceparent`, and the project is assumed to be the same.
 */

/**
 * Most entries and characters of `tracestate`. Source: W3C Trace Context, *tracestate*: every tracer passes on at least these.
 */
const maxMembers = 32;
const maxStateChars = 512;

/** Source: W3C Trace Context, *traceparent*: lower case only; a later version may have more behind a dash. */
const traceparentForm = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ourMember = /^[ \t]*pandaprobe=/;
/** Text that a header can have. The context of a job may hold any text. */
const headerText = /^[\t\x20-\x7e]*$/;
const ourValue = /^1-([0-9a-f]{8})-([0-9a-f]{32})-([0-9a-f]{16})-([01])$/;
/** The destination of a caller that does not name it. */
const anywhere = 'any';

/** Adds the headers for the span of `place` to the given ones. An existing `traceparent` is kept. */
export function carrierOf(
  { trace, span }: Place,
  given: { readonly traceparent?: unknown; readonly tracestate?: unknown } = {},
): { readonly traceparent: unknown; readonly tracestate: string } {
  const isKept = trace.recorder.isLeftOut === true ? 0 : 1;
  const hex = trace.traceId.replaceAll('-', '');
  const spanId = span?.draft.spanId ?? trace.remote?.spanId;
  const parent = spanId === undefined ? rootHex(hex) : spanHex(trace.traceId, spanId);
  const value = `1-${hashOf(trace.recorder.destination)}-${hex}-${parent}-${isKept}`;
  return {
    traceparent: given.traceparent ?? `00-${hex}-${parent}-0${isKept}`,
    tracestate: withMember(`pandaprobe=${value}`, given.tracestate),
  };
}

/** The headers that pass a received context on unchanged, if nothing is recorded here. An existing `traceparent` is kept. */
export function carrierOfContext(
  context: RemoteContext,
  given: { readonly traceparent?: string | undefined; readonly tracestate?: string | undefined } = {},
): Readonly<Record<string, string>> {
  const { traceId, spanId, isSampled, reportsTo } = context;
  const tracestate = given.tracestate ?? context.tracestate;
  // Without ids of its own, our entry would mean those of the existing one.
  if (given.traceparent !== undefined && (reportsTo ?? anywhere) === anywhere) return {};
  const hex = traceId.replaceAll('-', '');
  const parent = spanId === undefined ? rootHex(hex) : spanHex(traceId, spanId);
  const isKept = isSampled ? 1 : 0;
  const value = reportsTo === anywhere ? '1' : reportsTo && `1-${reportsTo}-${hex}-${parent}-${isKept}`;
  const state =
    value === undefined ? withoutOurs(tracestate?.split(',') ?? []) : withMember(`pandaprobe=${value}`, tracestate);
  return {
    traceparent: given.traceparent ?? `00-${hex}-${parent}-0${isKept}`,
    ...(state === '' ? {} : { tracestate: state }),
  };
}

/** Reads the context from the headers of a request; undefined if there is none, or it is invalid. */
export function contextIn(traceparent: unknown, tracestate: unknown): RemoteContext | undefined {
  const state = typeof tracestate === 'string' ? tracestate : '';
  const members = state.split(',', maxMembers + 1).slice(0, maxMembers);
  const value = members
    .find((member) => ourMember.test(member))
    ?.replace(ourMember, '')
    .trim();
  const remote = traceparent === undefined ? undefined : readTraceparent(traceparent);
  if (traceparent !== undefined && remote === undefined) return undefined;
  const [, reportsTo, trace, span, isKept] = ourValue.exec(value ?? '') ?? [];
  const others = withoutOurs(members);
  const rest = others === '' ? {} : { tracestate: others };
  if (trace !== undefined && span !== undefined && reportsTo !== undefined) {
    const place = placeOf(trace, span);
    return place && { ...place, isSampled: isKept === '1', reportsTo, ...rest };
  }
  if (remote === undefined) return undefined;
  return { ...remote, ...(value === '1' ? { reportsTo: anywhere } : {}), ...rest };
}

/** Reads a context from JSON, such as a job's data. @returns undefined if it is no context */
export function checkedContext(given: Readonly<Record<string, unknown>>): RemoteContext | undefined {
  const traceId = parseId(given.traceId);
  if (traceId === undefined) return undefined;
  const spanId = parseId(given.spanId);
  const { isSampled, reportsTo, tracestate, sessionId, userId } = given;
  return {
    ...{ traceId, isSampled: isSampled !== false },
    ...(spanId === undefined ? {} : { spanId }),
    ...(typeof reportsTo === 'string' && /^(?:any|[0-9a-f]{8})$/.test(reportsTo) ? { reportsTo } : {}),
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    ...(typeof userId === 'string' ? { userId } : {}),
  };
}

/** Whether the caller reports to `destination`, too. */
export function isSameDestination({ reportsTo }: RemoteContext, destination: string | undefined): boolean {
  return reportsTo === anywhere || (reportsTo !== undefined && reportsTo === hashOf(destination));
}

function readTraceparent(text: unknown): Pick<RemoteContext, 'traceId' | 'spanId' | 'isSampled'> | undefined {
  const [, version, trace = '', span = '', flags = '', tail] =
    (typeof text === 'string' ? traceparentForm.exec(text.replace(/^[ \t]+|[ \t]+$/g, '')) : null) ?? [];
  if (version === undefined || (version === '00' && tail !== undefined)) return undefined;
  const place = placeOf(trace, span);
  return place && { ...place, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function placeOf(trace: string, span: string): Pick<RemoteContext, 'traceId' | 'spanId'> | undefined {
  const traceId = parseId(trace);
  if (traceId === undefined || /^0+$/.test(span)) return undefined;
  return span === rootHex(trace) ? { traceId } : { traceId, spanId: spanIdFromHex(traceId, span) };
}

function withMember(ours: string, given: unknown): string {
  const others = typeof given === 'string' ? withoutOurs(given.split(',')) : '';
  const kept = [ours];
  let chars = ours.length;
  for (const member of others.split(',').slice(0, maxMembers - 1)) {
    chars += member.length + 1;
    if (member === '' || chars > maxStateChars) break;
    kept.push(member);
  }
  return kept.join(',');
}

function withoutOurs(members: readonly string[]): string {
  return members.filter((member) => /\S/.test(member) && headerText.test(member) && !ourMember.test(member)).join(',');
}

/** An FNV-1a hash of a text, as eight digits: it tells whether two texts are equal, without revealing them. */
function hashOf(text = ''): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
