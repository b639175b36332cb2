import type { ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { sum } from '../../calls/counts.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish, parsed } from '../../calls/read-unknown.js';
import { base64Bytes, maxInlineBytes } from '../../calls/without-bytes.js';

/** The part of a step that has arrived. */
interface PartialStep {
  fields: Fields;
  readonly content: Fields[];
  readonly summary: Fields[];
  arguments: string;
}

/**
 * Assembles an interaction from its events: steps begin, grow by deltas and stop, each with its index.
 * Source: Gemini API reference, `InteractionSSEEvent`; versions before 2 have `content` for `step`.
 *
 * If an answer is too long for one request, the client continues it with others. Each of them is an interaction of its own, with
 * indexes from 0 on: `created … completed (requires_continuation), created … completed`.
 */
export class InteractionStream implements ReplyStream {
  readonly #readReply: (reply: unknown) => ReplyFacts;
  readonly #steps = new Map<unknown, PartialStep>();
  #interaction: Fields = {};
  /** The interactions before this one, which it continues. */
  readonly #before: Fields[] = [];
  isComplete = false;

  /** @param readReply - reads the assembled interaction as a whole one */
  constructor(readReply: (reply: unknown) => ReplyFacts) {
    this.#readReply = readReply;
  }

  add(event: unknown): boolean {
    const { event_type, interaction, index, step, content, delta, error, status, usage, metadata } = fields(event);
    const [subject, verb] = (nonEmptyString(event_type) ?? '').split('.');
    if (isFields(error)) this.#interaction = { ...this.#interaction, error };
    if (subject === 'interaction') {
      if (verb === 'created' && this.#interaction.id !== undefined) this.#continue();
      const changed = omitNullish({ status, usage, ...fields(interaction) });
      this.#interaction = { ...this.#interaction, ...structuredClone(changed) };
      this.isComplete ||= verb === 'completed' || verb === 'complete';
    }
    const soFar = usage ?? fields(metadata).total_usage;
    if (subject === 'step' && isFields(soFar)) {
      this.#interaction = { ...this.#interaction, usage: structuredClone(soFar) };
    }
    if (verb === 'start' && isFields(step ?? content)) this.#start(index, fields(step ?? content));
    return isFields(delta) && this.#addDelta(index, delta);
  }

  facts(): ReplyFacts {
    const all = [...this.#before, this.#soFar()];
    const steps = all.flatMap((each) => list(each.steps));
    return this.#readReply({ ...all.at(-1), steps, usage: all.map(({ usage }) => usage).reduce(usageOfBoth) });
  }

  #soFar(): Fields {
    const { steps, outputs, ...rest } = this.#interaction;
    const told = list(steps ?? outputs);
    const inOrder = [...this.#steps]
      .sort(([a], [b]) => Number(a ?? 0) - Number(b ?? 0))
      .map(([, step]) => wholeStep(step));
    return { ...rest, steps: told.length > 0 ? told : inOrder };
  }

  /** Another interaction continues the answer of this one. */
  #continue(): void {
    this.#before.push(this.#soFar());
    this.#interaction = {};
    this.#steps.clear();
    this.isComplete = false;
  }

  #start(index: unknown, begun: Fields): void {
    const { content, summary, ...rest } = begun;
    const step = this.#step(index);
    // The start of a step may be a content itself.
    if (rest.type === 'text' || isMedia(rest.type)) addContent(step.content, begun);
    else step.fields = structuredClone(rest);
    for (const part of list(content)) addContent(step.content, fields(part));
    for (const part of list(summary)) addContent(step.summary, fields(part));
  }

  #addDelta(index: unknown, delta: Fields): boolean {
    const step = this.#step(index);
    const { type, content, arguments: input, ...rest } = delta;
    if (type === 'text' || isMedia(type)) addContent(step.content, delta);
    else if (type === 'thought_summary') addThought(step, fields(content));
    else if (type === 'arguments_delta') step.arguments += nonEmptyString(input) ?? '';
    else if (type === 'text_annotation_delta' || type === 'text_annotation')
      annotate(step.content, list(delta.annotations));
    else if (type === 'thought_signature') return false;
    else {
      // A whole call or result of the provider's own tools; in older versions also of a function.
      const more = omitNullish({ ...rest, arguments: input });
      step.fields = { ...step.fields, type: step.fields.type ?? type, ...structuredClone(more) };
    }
    return true;
  }

  #step(index: unknown): PartialStep {
    let step = this.#steps.get(index);
    if (step === undefined) {
      step = { fields: {}, content: [], summary: [], arguments: '' };
      this.#steps.set(index, step);
    }
    return step;
  }
}

/** The sums of all counts. Those of each modality are in lists, which are joined. */
function usageOfBoth(one: unknown, other: unknown): unknown {
  if (!isFields(one) || !isFields(other)) return other ?? one;
  const added = Object.entries(other).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...list(one[name]), ...value] : (sum(one[name], value) ?? value),
  ]);
  return { ...one, ...Object.fromEntries(added) };
}

function isMedia(type: unknown): boolean {
  return type === 'image' || type === 'audio' || type === 'video' || type === 'document';
}

function addThought(step: PartialStep, content: Fields): void {
  if (step.fields.type === undefined) step.fields = { type: 'thought' };
  addContent(step.summary, content);
}

function annotate(parts: Fields[], annotations: readonly unknown[]): void {
  const last = parts.at(-1);
  if (last === undefined) return;
  const more = structuredClone(annotations);
  if (Array.isArray(last.annotations))
    last.annotations.push(...more); // our own list
  else parts[parts.length - 1] = { ...last, annotations: [...more] };
}

/** Joins consecutive texts into one text, and consecutive audio into one part. Of audio and large data only the size is kept. */
function addContent(parts: Fields[], part: Fields): void {
  const last = parts.at(-1);
  const { type, data, text } = part;
  if (type === 'text' && last?.type === 'text') {
    parts[parts.length - 1] = { ...last, text: `${nonEmptyString(last.text) ?? ''}${nonEmptyString(text) ?? ''}` };
    return;
  }
  const size = typeof data === 'string' ? base64Bytes(data) : 0;
  if (typeof data !== 'string' || (type !== 'audio' && size <= maxInlineBytes)) {
    parts.push(structuredClone(part));
    return;
  }
  const before = type === 'audio' && last?.type === 'audio' ? last.size_bytes : undefined;
  const { data: _, ...rest } = part;
  if (typeof before === 'number') parts[parts.length - 1] = { ...last, size_bytes: before + size };
  else parts.push({ ...rest, size_bytes: size });
}

/** A step as in a whole interaction. Arguments that were cut remain text. */
function wholeStep({ fields: told, content, summary, arguments: input }: PartialStep): Fields {
  return {
    type: 'model_output',
    ...told,
    ...(content.length > 0 ? { content } : {}),
    ...(summary.length > 0 ? { summary } : {}),
    ...(input === '' ? {} : { arguments: parsed(input) }),
  };
}
