import { UsageError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import { SpanKind } from '../model/kinds.js';
import { maxLabelChars, maxNameChars } from '../model/limits.js';
import { isMessages } from '../model/messages.js';
import { objectJson } from '../model/object-json.js';
import { limitText, mendName } from '../model/text.js';
import type { SpanOptions, TraceOptions } from './handles.js';
import type { Recorder } from './recorder.js';
import { currentFrame } from './scope.js';
import { currentOwner } from './session.js';
import type { SpanNode } from './span-node.js';
import { TraceNode } from './trace-node.js';

/** Opens a span with what the caller gave; what is wrong with it is mended with one warning. */
export function openSpan(
  trace: TraceNode,
  parent: SpanNode | undefined,
  name: string,
  options: SpanOptions | null | undefined,
  how: { readonly isHandle: boolean; readonly isFixed: boolean },
): SpanNode {
  const { recorder } = trace;
  const kind = options?.kind ?? 'OTHER';
  const isKnown = Object.hasOwn(SpanKind, kind);
  if (!isKnown) {
    recorder.log.warn(
      'kind',
      `expected a span kind (${Object.keys(SpanKind).join(', ')}), got ${show(kind)}; OTHER is used`,
    );
  }
  const node = trace.open(parent, {
    name: nameText(recorder, name, 'span'),
    kind: isKnown ? kind : 'OTHER',
    isHandle: how.isHandle,
    isFixed: how.isFixed,
  });
  if (options !== null && options !== undefined) fillSpan(node, options);
  return node;
}

function fillSpan(node: SpanNode, options: SpanOptions): void {
  const { draft } = node;
  if (options.model !== undefined && options.model !== null) draft.model = modelText(node, options.model);
  if (options.input !== undefined) draft.input = node.capture(options.input, 'input');
  if (options.metadata !== undefined) draft.metadata = objectJson(node.capture(options.metadata, 'metadata'));
}

/** Opens a trace with what the caller gave; sessions and users are read now: given, then scoped, then set. */
export function openTrace(
  recorder: Recorder,
  name: string,
  options: TraceOptions | null | undefined,
  isHandle: boolean,
): TraceNode {
  const frame = currentFrame();
  const traceName = nameText(recorder, name, 'trace');
  const owner = (value: string | undefined, field: 'sessionId' | 'userId') =>
    value === undefined ? undefined : idText(recorder.text(String(value), field, traceName));
  const node = new TraceNode(recorder, {
    name: traceName,
    isHandle,
    sessionId: owner(options?.sessionId ?? currentOwner('sessionId', frame), 'sessionId'),
    userId: owner(options?.userId ?? currentOwner('userId', frame), 'userId'),
    tags: tagTexts(recorder, options?.tags, traceName),
  });
  if (options?.input !== undefined) {
    warnUnlessMessages(recorder.log, 'the input of a trace', options.input);
    node.input = node.capture(options.input, 'input');
  }
  if (options?.metadata !== undefined) node.metadata = objectJson(node.capture(options.metadata, 'metadata'));
  return node;
}

function tagTexts(recorder: Recorder, tags: readonly string[] | null | undefined, trace: string): readonly string[] {
  if (tags === undefined || tags === null) return [];
  if (Array.isArray(tags)) return tags.map((tag) => recorder.text(show(tag), 'tags', trace));
  recorder.log.warn('tags', `expected an array of strings as tags, got ${typeof tags}; left out`);
  return [];
}

/** A name of 1 to 512 characters; a wrong one is mended with one warning. */
function nameText(recorder: Recorder, name: string, fallback: string): string {
  const masked = typeof name === 'string' ? recorder.text(name, 'name', name) : name;
  return mendName(masked, fallback, (fault) => {
    recorder.log.warn(
      `${fallback} name`,
      `expected the name of a ${fallback} with 1 to ${maxNameChars} characters, got one that is ${fault}; it is mended`,
    );
  });
}

/** A model's name as the backend takes it. */
export function modelText(node: SpanNode, model: unknown): string {
  return limitText(node.text(show(model), 'model'), maxLabelChars);
}

function idText(text: string): string | undefined {
  return limitText(text, maxLabelChars) || undefined;
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

/** Says so when a value does not follow the messages convention; it is recorded all the same. */
export function warnUnlessMessages(log: Log, what: string, value: unknown): void {
  if (!isMessages(value)) {
    log.warn(`messages ${what}`, `${what} is not { messages: [{ role, content }] }; it is stored as it is`);
  }
}

/** Sorts out `(options, fn)` and `(fn)`. */
export function withOptions<O extends object, H, R>(
  optionsOrFn: O | ((handle: H) => R) | null | undefined,
  maybeFn: ((handle: H) => R) | undefined,
): { readonly options: O | undefined; readonly fn: (handle: H) => R } {
  if (typeof optionsOrFn === 'function') return { options: undefined, fn: optionsOrFn };
  if (typeof maybeFn !== 'function') throw new UsageError(`expected a function to run, got ${typeof maybeFn}`);
  return { options: optionsOrFn ?? undefined, fn: maybeFn };
}
