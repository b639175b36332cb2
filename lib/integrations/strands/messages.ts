import type { RecordedMessage } from '../../calls/call-adapter.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** The system prompt, then the messages; results of tools become messages of their own. */
export function requestMessages(system: unknown, messages: unknown): readonly unknown[] {
  const start = typeof system === 'string' ? nonEmptyString(system) : content(list(system).flatMap(part), '\n');
  const rest = list(messages).flatMap(requestMessage);
  return start === undefined || start === null ? rest : [{ role: 'system', content: start }, ...rest];
}

/** The input of an agent: a text, blocks, or messages. */
export function askedMessages(args: unknown): readonly unknown[] {
  if (typeof args === 'string') return [{ role: 'user', content: args }];
  const items = list(args);
  if (items.some((item) => fields(item).role !== undefined)) return requestMessages(undefined, items);
  return items.length === 0 ? [] : requestMessage({ role: 'user', content: items });
}

function requestMessage(message: unknown): readonly unknown[] {
  const { role, content: blocks } = fields(message);
  if (role === 'assistant') return [replyMessage(message)];
  const isResult = (block: unknown) => inner(block, 'toolResult').toolUseId !== undefined;
  const answers = list(blocks)
    .filter(isResult)
    .map((block) => {
      const { toolUseId, content: result, status } = inner(block, 'toolResult');
      const answer = toolMessage(toolUseId, undefined, resultValue(result));
      return status === 'error' ? { ...answer, is_error: true } : answer;
    });
  const said = list(blocks)
    .filter((block) => !isResult(block))
    .flatMap(part);
  return said.length === 0 ? answers : [...answers, { role, content: content(said, '\n') }];
}

/** The model's answer, without its thinking. */
export function replyMessage(message: unknown): RecordedMessage {
  const blocks = list(fields(message).content);
  const calls = blocks.flatMap((block) => {
    const { toolUseId, name, input } = inner(block, 'toolUse');
    return toolUseId === undefined ? [] : [toolCall(toolUseId, name, input)];
  });
  return assistantMessage(blocks.flatMap(part), calls);
}

/** The model's thinking. */
export function thoughtsOf(message: unknown): string | undefined {
  return reasoning(list(fields(message).content).map((block) => nonEmptyString(inner(block, 'reasoning').text)));
}

/** The result of a tool: one text or value unchanged, several as a list. */
export function resultValue(result: unknown): unknown {
  const values = list(result).flatMap((block) => {
    const { text } = inner(block, 'text');
    return text ?? inner(block, 'json').json ?? part(block);
  });
  return values.length === 1 ? values[0] : values;
}

/** The fields of a block of this kind. In plain data, a block is a property with the name of its kind. */
function inner(block: unknown, kind: string): Fields {
  const known = fields(block);
  if (known.type === `${kind}Block`) return known;
  if (known.type !== undefined || known[kind] === undefined) return {};
  return kind === 'text' || kind === 'json' ? known : fields(known[kind]);
}

/** A block in the recorded form; an empty list for reasoning, tool calls and cache points. */
function part(block: unknown): readonly unknown[] {
  const { text } = inner(block, 'text');
  if (typeof text === 'string') return [textPart(text)];
  const { content: pieces, citations } = inner(block, 'citations');
  if (pieces !== undefined) {
    const cited = textPart(
      list(pieces)
        .map((piece) => nonEmptyString(fields(piece).text) ?? '')
        .join(''),
    );
    return [list(citations).length > 0 ? { ...cited, citations } : cited];
  }
  for (const kind of ['image', 'video', 'audio', 'document'] as const) {
    const { format, source, name } = inner(block, kind);
    if (source === undefined) continue;
    const { bytes, url, location, text: written, content: inside } = fields(source);
    const said = written ?? content(list(inside).flatMap(part), '\n');
    if (said !== null) return [{ type: 'file', name, content: said }];
    const from = { mimeType: mimeType(kind, format), name, bytes, url: url ?? fields(location).uri };
    return [mediaPart(kind === 'document' ? 'file' : kind, from)];
  }
  const { text: guarded, image } = inner(block, 'guardContent');
  if (guarded !== undefined || image !== undefined) return part(guarded ?? { image });
  // The user's answer to an interrupted agent.
  const { interruptId, response } = inner(block, 'interruptResponse');
  return interruptId === undefined ? [] : [{ interruptResponse: { interruptId, response } }];
}

/** The framework's formats are the ends of files' names. */
function mimeType(kind: string, format: unknown): string | undefined {
  const known = nonEmptyString(format);
  if (known === undefined) return undefined;
  return `${kind === 'document' ? 'application' : kind}/${known === 'jpg' ? 'jpeg' : known}`;
}
