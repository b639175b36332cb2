import type { RecordedMessage, ToolCall } from '../call-adapter.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../parts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString } from '../read-unknown.js';

/*
 * Contents have many forms: a text, a part, a content, or a list of any of them. Consecutive texts and parts outside of a content
 * are one message of the user, because the client sends them so.
 */

/** The system instruction, then the contents, as messages. */
export function contentMessages(instruction: unknown, contents: unknown): readonly unknown[] {
  const ids = new CallIds();
  const system = list(systemParts(instruction)).flatMap((part) => plainPart(part));
  const start = system.length === 0 ? [] : [{ role: 'system', content: content(system, '\n') }];
  const messages = gathered(Array.isArray(contents) ? contents : [contents]);
  return [...start, ...messages.flatMap((message) => messagesOf(message, ids))];
}

function systemParts(instruction: unknown): readonly unknown[] {
  if (instruction === undefined || instruction === null) return [];
  const given: readonly unknown[] = Array.isArray(instruction) ? instruction : [instruction];
  return given.flatMap((item) => (Array.isArray(fields(item).parts) ? list(fields(item).parts) : [item]));
}

/** The contents. Consecutive texts and parts outside of one are put into one. */
function gathered(items: readonly unknown[]): readonly Fields[] {
  const contents: { role: string; parts: unknown[] }[] = [];
  let bare: unknown[] | undefined;
  for (const item of items) {
    const { role, parts } = fields(item);
    if (Array.isArray(parts)) {
      contents.push({ role: nonEmptyString(role) ?? 'user', parts });
      bare = undefined;
    } else if (typeof item === 'string' || isFields(item)) {
      if (bare === undefined) {
        bare = [];
        contents.push({ role: 'user', parts: bare });
      }
      bare.push(item);
    }
  }
  return contents;
}

function messagesOf({ role, parts }: Fields, ids: CallIds): readonly unknown[] {
  if (role === 'model') return [modelMessage(list(parts), ids)];
  const answers = list(parts).flatMap((part) => {
    const { functionResponse } = fields(part);
    if (!isFields(functionResponse)) return [];
    const { id, name, response } = functionResponse;
    return toolMessage(nonEmptyString(id) ?? ids.ofResponse(name), name, asText(response));
  });
  const rest = list(parts).filter((part) => !isFields(fields(part).functionResponse));
  const said = rest.flatMap(plainPart);
  return said.length === 0 ? answers : [...answers, { role, content: content(said, '\n') }];
}

/**
 * The model's answer: text, function calls, and anything else as a part, but not its thinking. An empty text is left out unless
 * it is all there is: the last chunk of a stream often has one, for the finish reason or a signature.
 */
export function modelMessage(parts: readonly unknown[], ids = new CallIds()): RecordedMessage {
  const calls: ToolCall[] = [];
  const rest: unknown[] = [];
  for (const part of parts) {
    const { functionCall } = fields(part);
    if (isFields(functionCall)) {
      const { id, name, args } = functionCall;
      calls.push(toolCall(nonEmptyString(id) ?? ids.ofCall(name), name, args));
    } else if (parts.length === 1 || fields(part).text !== '') rest.push(...plainPart(part));
  }
  return assistantMessage(rest, calls);
}

/** A part in the form for all providers; nothing for a thought. */
function plainPart(part: unknown): readonly unknown[] {
  if (typeof part === 'string') return [textPart(part)];
  const { text, thought, inlineData, fileData, executableCode, codeExecutionResult } = fields(part);
  if (thought === true) return [];
  if (typeof text === 'string') return [textPart(text)];
  if (isFields(inlineData)) {
    const { mimeType, data, displayName, sizeBytes } = inlineData;
    const part = mediaPart(mediaType(mimeType), { mimeType, base64: data, name: displayName });
    return [typeof sizeBytes === 'number' ? { ...part, size_bytes: sizeBytes } : part]; // the size of what was streamed
  }
  if (isFields(fileData)) {
    const { mimeType, fileUri, displayName } = fileData;
    return [mediaPart(mediaType(mimeType), { mimeType, url: fileUri, name: displayName })];
  }
  if (isFields(executableCode)) return [{ type: 'executable_code', ...executableCode }];
  if (isFields(codeExecutionResult)) return [{ type: 'code_execution_result', ...codeExecutionResult }];
  const { thoughtSignature: _, ...rest } = fields(part);
  return Object.keys(rest).length === 0 ? [] : [rest];
}

function mediaType(mimeType: unknown): 'image' | 'audio' | 'video' | 'file' {
  const type = nonEmptyString(mimeType)?.split('/')[0];
  return type === 'image' || type === 'audio' || type === 'video' ? type : 'file';
}

/** The model's thinking. */
export function partsReasoning(parts: readonly unknown[]): string | undefined {
  return reasoning(
    parts.map((part) => {
      const { thought, text } = fields(part);
      return thought === true ? nonEmptyString(text) : undefined;
    }),
  );
}

/** Makes ids for calls and responses that have none, by name and order, so that each response has the id of its call. */
class CallIds {
  readonly #calls = new Map<string, number>();
  readonly #responses = new Map<string, number>();

  ofCall(name: unknown): string {
    return nextId(this.#calls, name);
  }

  ofResponse(name: unknown): string {
    return nextId(this.#responses, name);
  }
}

function nextId(counts: Map<string, number>, name: unknown): string {
  const key = nonEmptyString(name) ?? 'function';
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return `${key}-${count}`;
}
