import type { RecordedMessage, ToolFacts } from '../../calls/call-adapter.js';
import {
  assistantMessage,
  content,
  mediaPart,
  reasoning,
  systemMessages,
  textPart,
  toolCall,
  toolMessage,
} from '../../calls/parts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/*
 * Interactions are lists of steps: the user's input, the model's output, thoughts and calls, the results of tools. Versions before
 * 2 have the model's contents without a step around them, and turns with a role. Source: Gemini API reference, Interactions.
 */

/** The system instruction, then the input, as messages. Consecutive contents outside of a step are one message of the user. */
export function stepMessages(instruction: unknown, input: unknown): readonly unknown[] {
  const messages: unknown[] = [...systemMessages(instruction)];
  let bare: unknown[] = [];
  const flush = () => {
    if (bare.length > 0) messages.push({ role: 'user', content: content(bare, '\n') });
    bare = [];
  };
  const items: readonly unknown[] = Array.isArray(input) ? input : [input];
  for (const item of items) {
    if (isContent(item)) bare.push(contentPart(item));
    else {
      flush();
      messages.push(...stepMessage(item));
    }
  }
  flush();
  return messages;
}

const contents: ReadonlySet<unknown> = new Set(['text', 'image', 'audio', 'video', 'document']);

function isContent(item: unknown): boolean {
  return typeof item === 'string' || contents.has(fields(item).type);
}

function stepMessage(step: unknown): readonly unknown[] {
  const { type, role, content: written, call_id, name, result } = fields(step);
  const parts = () => (typeof written === 'string' ? written : content(list(written).map(contentPart), '\n'));
  switch (type) {
    case 'user_input':
      return [{ role: 'user', content: parts() }];
    case 'function_result': {
      const isParts = Array.isArray(result) && result.every(isContent);
      return [toolMessage(call_id, name, isParts ? content(result.map(contentPart), '\n') : asText(result))];
    }
    case 'thought':
      return [];
    default: {
      if (typeof role === 'string') return [{ role: role === 'model' ? 'assistant' : role, content: parts() }];
      const said = stepsMessage([step]);
      return said === undefined ? [] : [said];
    }
  }
}

/** The model's answer as one message; undefined if there is none. */
export function stepsMessage(steps: readonly unknown[]): RecordedMessage | undefined {
  const parts: unknown[] = [];
  const calls: unknown[] = [];
  for (const step of steps) {
    const { type, content: written, id, name, arguments: input } = fields(step);
    if (type === 'model_output') parts.push(...list(written).map(contentPart));
    else if (type === 'function_call') calls.push(toolCall(id, name, input));
    else if (isContent(step)) parts.push(contentPart(step));
  }
  return parts.length + calls.length === 0 ? undefined : assistantMessage(parts, calls);
}

/** A content in the form for all providers. */
function contentPart(item: unknown): unknown {
  if (typeof item === 'string') return textPart(item);
  const { type, text, data, uri, mime_type, name, annotations } = fields(item);
  switch (type) {
    case 'text':
      if (typeof text !== 'string') return item;
      return list(annotations).length > 0 ? { ...textPart(text), annotations } : textPart(text);
    case 'image':
    case 'audio':
    case 'video':
    case 'document': {
      const source = { url: uri, base64: data, mimeType: mime_type, name };
      const { size_bytes } = fields(item); // of what was streamed
      return { ...mediaPart(type === 'document' ? 'file' : type, source), ...omitNullish({ size_bytes }) };
    }
    default:
      return item;
  }
}

/** The summaries of the model's thinking, without signatures. */
export function stepsReasoning(steps: readonly unknown[]): string | undefined {
  return reasoning(
    steps.flatMap((step) => {
      const { type, summary } = fields(step);
      if (type !== 'thought') return [];
      return typeof summary === 'string' ? summary : list(summary).map((each) => nonEmptyString(fields(each).text));
    }),
  );
}

/** The tools that the provider ran, each with its result, and the functions that the model asks for. */
export function stepTools(steps: readonly unknown[]): readonly ToolFacts[] {
  return steps.flatMap((step) => {
    const { type, id, name, server_name, arguments: input } = fields(step);
    if (typeof type !== 'string' || !type.endsWith('_call')) return [];
    const isRequest = type === 'function_call';
    const answer = fields(steps.find((each) => isAnswer(each, id)));
    const called = [nonEmptyString(server_name), nonEmptyString(name)].filter(Boolean).join('/');
    const tool = type.replace(/_call$/, '');
    return {
      key: nonEmptyString(id) ?? type,
      name: called === '' ? tool : `${isRequest ? type : tool}:${called}`,
      input,
      output: answer.result,
      metadata: { requested: isRequest ? true : undefined, call_id: id },
      ...(answer.is_error === true ? { error: toolFailure(answer) } : {}),
    };
  });
}

function isAnswer(step: unknown, id: unknown): boolean {
  const { type, call_id } = fields(step);
  return typeof type === 'string' && type.endsWith('_result') && call_id !== undefined && call_id === id;
}

function toolFailure({ result }: Fields): string {
  return isFields(result) || Array.isArray(result) ? asText(result) : (nonEmptyString(result) ?? 'the tool failed');
}
