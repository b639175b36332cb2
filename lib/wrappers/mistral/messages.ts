import type { RecordedMessage, ToolCall } from '../../calls/call-adapter.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../../calls/parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/** A message of a request, in the wire's names. */
export function requestMessage(message: unknown): unknown {
  if (!isFields(message)) return message;
  const { role, content: written, toolCalls: calls, toolCallId, name, prefix } = message;
  const asked = toolCalls(calls);
  return {
    role: nonEmptyString(role) ?? 'user',
    content: Array.isArray(written) ? content(messageParts(written), '\n') : (written ?? null),
    ...omitNullish({ name, prefix: prefix === true ? prefix : undefined }),
    ...(asked.length > 0 ? { tool_calls: asked } : {}),
    ...omitNullish({ tool_call_id: toolCallId }),
  };
}

/** The messages of a choice: one, or several if the provider ran tools for the answer. */
export function choiceMessages(choice: unknown): readonly Fields[] {
  const { message, messages } = fields(choice);
  return list(messages).length > 0 ? list(messages).map(fields) : [fields(message)];
}

/** A message of an answer, in the wire's names. */
export function answerMessage({ role, content: written, toolCalls: calls, toolCallId }: Fields): RecordedMessage {
  const parts = messageParts(written);
  if (role === 'tool') return toolMessage(toolCallId, undefined, content(parts, '\n'));
  return assistantMessage(parts, toolCalls(calls));
}

/** The parts of a content, which is a text or a list of chunks; without thinking. */
export function messageParts(written: unknown): readonly Fields[] {
  if (typeof written === 'string') return written === '' ? [] : [textPart(written)];
  return list(written).flatMap((chunk): Fields | readonly Fields[] => {
    const { type, text, imageUrl, documentUrl, documentName, inputAudio, fileId } = fields(chunk);
    switch (type) {
      case 'text':
        return typeof text === 'string' ? textPart(text) : [];
      case 'thinking':
        return [];
      case 'image_url':
        return mediaPart('image', { url: nonEmptyString(imageUrl) ?? fields(imageUrl).url });
      case 'document_url':
        return mediaPart('file', { url: documentUrl, name: documentName });
      case 'file':
        return mediaPart('file', { id: fileId });
      case 'input_audio': {
        const sound = nonEmptyString(inputAudio) ?? nonEmptyString(fields(inputAudio).data) ?? '';
        return mediaPart('audio', /^https?:/.test(sound) ? { url: sound } : { base64: sound });
      }
      default:
        return isFields(chunk) ? chunk : [];
    }
  });
}

/** The model's thinking. */
export function thoughts(written: unknown): string | undefined {
  return reasoning(
    list(written).flatMap((chunk) => {
      const { type, thinking } = fields(chunk);
      if (type !== 'thinking') return [];
      return list(thinking)
        .map((piece) => nonEmptyString(fields(piece).text))
        .join('');
    }),
  );
}

/** Tool calls; their arguments come as text or as an object. */
function toolCalls(calls: unknown): readonly ToolCall[] {
  return list(calls).map((call) => {
    const { id, function: called } = fields(call);
    const { name, arguments: input } = fields(called);
    return toolCall(id === 'null' ? undefined : id, name, input);
  });
}
