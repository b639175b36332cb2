import type { RecordedMessage, ToolFacts } from '../../calls/call-adapter.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../../calls/parts.js';
import { asText, type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/* The blocks of Converse: objects with exactly one key, which says what they are. */

/** The system prompt, then the messages; tool results become messages of their own. */
export function converseMessages(system: unknown, messages: unknown): readonly unknown[] {
  const start = list(system).flatMap(part);
  const rest = list(messages).flatMap(converseMessage);
  return start.length === 0 ? rest : [{ role: 'system', content: content(start, '\n') }, ...rest];
}

function converseMessage(message: unknown): readonly unknown[] {
  const { role, content: blocks } = fields(message);
  if (role === 'assistant') return [blocksMessage(list(blocks))];
  const answers = list(blocks).flatMap((block) => {
    const { toolResult } = fields(block);
    if (!isFields(toolResult)) return [];
    const { toolUseId, content: result, status } = toolResult;
    const answer = toolMessage(toolUseId, undefined, content(list(result).flatMap(part), '\n'));
    return status === 'error' ? { ...answer, is_error: true } : answer;
  });
  const said = list(blocks).filter((block) => !isFields(fields(block).toolResult));
  const parts = said.flatMap(part);
  return parts.length === 0 ? answers : [...answers, { role, content: content(parts, '\n') }];
}

/**
 * The model's answer: text, tool calls, and anything else as a part, but not its thinking. An empty text is left out unless it is
 * all there is.
 */
export function blocksMessage(blocks: readonly unknown[]): RecordedMessage {
  const calls = blocks.flatMap((block) => {
    const { toolUse } = fields(block);
    return isFields(toolUse) ? toolCall(toolUse.toolUseId, toolUse.name, toolUse.input) : [];
  });
  const rest = blocks.filter((block) => {
    const { toolUse, text } = fields(block);
    return !isFields(toolUse) && (text !== '' || blocks.length === 1);
  });
  return assistantMessage(rest.flatMap(part), calls);
}

/** A block in the form for all providers; nothing for reasoning and cache points. */
function part(block: unknown): readonly unknown[] {
  const { text, json, image, document, video, audio, guardContent, citationsContent, reasoningContent, cachePoint } =
    fields(block);
  if (typeof text === 'string') return [textPart(text)];
  if (json !== undefined) return [textPart(asText(json))];
  if (isFields(image)) return [media('image', image)];
  if (isFields(document)) return [media('file', document)];
  if (isFields(video)) return [media('video', video)];
  if (isFields(audio)) return [media('audio', audio)];
  if (isFields(guardContent)) return part(isFields(guardContent.text) ? guardContent.text : guardContent); // or an image
  if (isFields(citationsContent)) {
    const { content: pieces, citations } = citationsContent;
    const whole = list(pieces)
      .map((piece) => nonEmptyString(fields(piece).text) ?? '')
      .join('');
    return [list(citations).length > 0 ? { ...textPart(whole), citations } : textPart(whole)];
  }
  return reasoningContent !== undefined || cachePoint !== undefined ? [] : [block];
}

function media(type: 'image' | 'audio' | 'video' | 'file', block: Fields): unknown {
  const { format, name, source, size_bytes, error } = block;
  const { bytes, s3Location, text, content: inner } = fields(source);
  if (text !== undefined || inner !== undefined) return { type, name, content: text ?? inner };
  const mimeType =
    nonEmptyString(format) === undefined ? undefined : `${type === 'file' ? 'application' : type}/${format}`;
  // JSON bodies have the bytes in base64.
  const part = mediaPart(type, { mimeType, name, bytes, base64: bytes, url: fields(s3Location).uri });
  // `size_bytes` comes with a streamed image. `error` says why there is no image.
  const more = { size_bytes: size_bytes ?? part.size_bytes, error: nonEmptyString(fields(error).message) };
  return { ...part, ...omitNullish(more) };
}

/** The tools that the provider ran: each use with its result. */
export function serverTools(blocks: readonly unknown[]): readonly ToolFacts[] {
  return blocks.flatMap((block) => {
    const { toolResult } = fields(block);
    if (!isFields(toolResult)) return [];
    const { toolUseId, content: result, status } = toolResult;
    const uses = blocks.map((each) => fields(fields(each).toolUse));
    const use = uses.find((each) => each.toolUseId === toolUseId) ?? {};
    const tool = {
      key: nonEmptyString(toolUseId) ?? '',
      name: nonEmptyString(use.name) ?? 'tool',
      input: use.input,
      output: result,
    };
    return status === 'error' ? { ...tool, error: 'the tool failed' } : tool;
  });
}

/** The model's thinking, without redacted parts and signatures. */
export function blocksReasoning(blocks: readonly unknown[]): string | undefined {
  return reasoning(
    blocks.map((block) => nonEmptyString(fields(fields(fields(block).reasoningContent).reasoningText).text)),
  );
}
