import type { RecordedMessage } from '../../calls/call-adapter.js';
import { content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../../calls/parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/** Source: `@langchain/core`, `_getType()` of its messages. `generic` has a role of its own. */
const roles: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  system: 'system',
  developer: 'developer',
  tool: 'tool',
  function: 'tool',
};

/** Types of parts that are recorded in other fields: reasoning and tool calls. */
const elsewhere: ReadonlySet<unknown> = new Set([
  ...['reasoning', 'thinking', 'redacted_thinking', 'reasoning_content'],
  ...['tool_use', 'tool_call', 'tool_call_chunk', 'invalid_tool_call', 'function_call', 'input_json_delta'],
]);

/** The type of a framework's message, from any copy of the framework; undefined for anything else. */
export function messageType(value: unknown): string | undefined {
  if (!isFields(value)) return undefined;
  const { _getType, getType } = value;
  const read = typeof _getType === 'function' ? _getType : getType;
  return typeof read === 'function' ? nonEmptyString(Reflect.apply(read, value, [])) : undefined;
}

/** A framework's message in the recorded form. Any other value is returned unchanged. */
export function recordedMessage(message: unknown): unknown {
  const type = messageType(message);
  if (type === undefined) return message;
  const known = fields(message);
  if (type === 'tool') {
    const answer = toolMessage(known.tool_call_id, known.name, contentOf(known.content));
    return known.status === 'error' ? { ...answer, is_error: true } : answer;
  }
  const role =
    nonEmptyString(fields(known.additional_kwargs).__openai_role__) ??
    roles[type] ??
    nonEmptyString(known.role) ??
    type;
  return {
    role,
    content: contentOf(known.content),
    ...callsOf(known),
    ...omitNullish({ name: nonEmptyString(known.name) }),
  };
}

/** The model's message. An empty text beside tool calls is left out. */
export function repliedMessage(message: unknown, text: unknown): RecordedMessage {
  if (messageType(message) === undefined) return { role: 'assistant', content: nonEmptyString(text) ?? '' };
  const known = fields(message);
  const calls = callsOf(known);
  const said = contentOf(known.content);
  const isSilent = calls.tool_calls !== undefined && (said === '' || said === null);
  return { role: 'assistant', content: isSilent ? null : said, ...calls };
}

/** The model's reasoning, if the message has it. */
export function thoughtsOf(message: unknown): string | undefined {
  const { content: parts, additional_kwargs } = fields(message);
  const { reasoning_content, reasoning: summarized } = fields(additional_kwargs);
  const inParts = list(parts).map((part) => {
    const { type, thinking, reasoning: thought, reasoningText } = fields(part);
    if (type === 'reasoning_content')
      return nonEmptyString(reasoningText) ?? nonEmptyString(fields(reasoningText).text);
    return type === 'thinking' || type === 'reasoning'
      ? (nonEmptyString(thinking) ?? nonEmptyString(thought))
      : undefined;
  });
  const inSummary = list(fields(summarized).summary).map((part) => nonEmptyString(fields(part).text));
  return reasoning(inParts) ?? nonEmptyString(reasoning_content) ?? reasoning(inSummary);
}

function callsOf({ tool_calls, invalid_tool_calls, additional_kwargs }: Fields): { tool_calls?: readonly unknown[] } {
  const calls = [...list(tool_calls), ...list(invalid_tool_calls)].map((call) => {
    const { id, name, args } = fields(call);
    return toolCall(id, name, args);
  });
  if (calls.length > 0) return { tool_calls: calls };
  const raw = list(fields(additional_kwargs).tool_calls).map((call) => {
    const { id, function: called } = fields(call);
    return toolCall(id, fields(called).name, fields(called).arguments);
  });
  return raw.length > 0 ? { tool_calls: raw } : {};
}

function contentOf(written: unknown): string | readonly unknown[] | null {
  if (typeof written === 'string') return written;
  if (!Array.isArray(written)) return null;
  return content(
    written.filter((part) => !elsewhere.has(fields(part).type)).map((part) => recordedPart(part)),
    '',
  );
}

function recordedPart(part: unknown): unknown {
  if (typeof part === 'string') return textPart(part);
  const { type, text, image_url, input_audio, source, file } = fields(part);
  switch (type) {
    case 'text':
    case 'output_text':
    case 'text_delta':
      return typeof text === 'string' ? textPart(text) : part;
    case 'image_url':
      return mediaPart('image', { url: nonEmptyString(image_url) ?? fields(image_url).url });
    case 'input_audio': {
      const { data, format } = fields(input_audio);
      return mediaPart('audio', { base64: data, mimeType: typeof format === 'string' ? `audio/${format}` : undefined });
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return {
        ...mediaPart(type, mediaSource(fields(part), fields(source), fields(file))),
        ...omitNullish({ content: nonEmptyString(text) }), // of a file that is a text, in the older form
      };
    default:
      return part;
  }
}

/** The source of a file or image, in both generations of the framework's blocks, and in Anthropic's and OpenAI's form. */
function mediaSource(block: Fields, source: Fields, file: Fields) {
  const data = block.data ?? source.data ?? file.file_data;
  const isDataUrl = typeof data === 'string' && data.startsWith('data:');
  return {
    mimeType: block.mimeType ?? block.mime_type ?? source.media_type,
    name: file.filename ?? fields(block.metadata).filename,
    url: block.url ?? source.url ?? (isDataUrl ? data : undefined),
    id: block.fileId ?? block.id ?? file.file_id,
    base64: isDataUrl ? undefined : data,
    bytes: ArrayBuffer.isView(data) ? data : undefined,
  };
}
