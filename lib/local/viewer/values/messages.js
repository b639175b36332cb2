// Finds the conversation in a value of any provider, and converts its messages to one form. Pure.

/**
 * @typedef {{is: 'text', text: string}
 *   | {is: 'thinking', text: string}
 *   | {is: 'call', name: string, id: string, input: unknown}
 *   | {is: 'result', name: string, id: string, output: unknown, hasFailed: boolean}
 *   | {is: 'media', media: string, facts: string[], source: string}
 *   | {is: 'other', value: unknown}} Part
 */
/** @typedef {{role: string, name: string, parts: Part[]}} Message */
/** @typedef {Record<string, unknown>} Fields */

/**
 * The conversation that `value` is, and what else it holds; undefined when it is none. Known forms: `{messages}`,
 * `{contents}`, `{choices: [{message}]}`, `{candidates: [{content}]}`, `{input: […]}` and `{output: […]}` of OpenAI's
 * responses, an array of messages, one message. Instructions that stand beside them come first.
 *
 * @param {unknown} value
 * @returns {{messages: Message[], rest: Fields} | undefined}
 */
export function conversationOf(value) {
  if (Array.isArray(value)) return listOf(value, {});
  if (!isFields(value)) return undefined;
  for (const key of ['messages', 'contents', 'input', 'output']) {
    const { [key]: list, ...others } = value;
    if (!Array.isArray(list) || list.length === 0) continue;
    const { instructions, rest } = withoutInstructions(others);
    const found = listOf(list, rest);
    if (found === undefined || instructions === '') return found;
    return {
      ...found,
      messages: [{ role: 'system', name: '', parts: [{ is: 'text', text: instructions }] }, ...found.messages],
    };
  }
  if (Array.isArray(value.candidates)) {
    const { candidates, ...rest } = value;
    return listOf(
      /** @type {unknown[]} */ (candidates).map((each) => (isFields(each) ? each.content : undefined)),
      rest,
    );
  }
  if (Array.isArray(value.choices)) {
    const { choices, ...rest } = value;
    return listOf(
      /** @type {unknown[]} */ (choices).map((choice) => (isFields(choice) ? choice.message : undefined)),
      rest,
    );
  }
  return isMessage(value) ? listOf([value], {}) : undefined;
}

/** @param {unknown[]} list @param {Fields} rest */
function listOf(list, rest) {
  return list.length > 0 && list.every(isMessage) ? { messages: list.map(messageOf), rest } : undefined;
}

/** Separates the instructions, which providers put into a field of their own. @param {Fields} fields */
function withoutInstructions(fields) {
  for (const key of ['system', 'instructions', 'systemInstruction', 'system_instruction']) {
    const { [key]: given, ...rest } = fields;
    const inner = isFields(given) ? (given.parts ?? given.text) : given;
    const instructions = typeof inner === 'string' ? inner : plainText(inner);
    if (instructions !== undefined && instructions !== '') return { instructions, rest };
  }
  return { instructions: '', rest: fields };
}

/** The role for each type of item that is not in a message, as in OpenAI's responses. @type {Record<string, string>} */
const loose = { function_call: 'assistant', reasoning: 'assistant', function_call_output: 'tool' };

/** @param {unknown} value @returns {value is Fields} */
function isMessage(value) {
  if (isFields(value) && !('role' in value) && Object.hasOwn(loose, text(value.type))) return true;
  return (
    isFields(value) &&
    typeof value.role === 'string' &&
    ('content' in value || 'parts' in value || 'tool_calls' in value || Object.keys(value).length === 1)
  );
}

/** @param {Fields} message @returns {Message} */
function messageOf(message) {
  if (!('role' in message)) return { role: loose[text(message.type)] ?? '', name: '', parts: [partOf(message)] };
  const role = text(message.role);
  const content = message.content ?? message.parts;
  const isAnswerOfTool = role === 'tool' || role === 'function';
  /** @type {Part[]} */
  const parts = thoughtsOf(message);
  if (
    isAnswerOfTool &&
    Array.isArray(content) &&
    content.some((part) => isFields(part) && /^tool(-result|_call_response)$/.test(text(part.type)))
  ) {
    parts.push(...content.map(partOf));
  } else if (isAnswerOfTool) {
    const id = text(message.tool_call_id);
    parts.push({
      is: 'result',
      name: text(message.name),
      id,
      output: plainText(content) ?? content,
      hasFailed: message.is_error === true,
    });
  } else if (typeof content === 'string') {
    if (content !== '') parts.push({ is: 'text', text: content });
  } else if (Array.isArray(content)) parts.push(...content.map(partOf));
  else if (content !== null && content !== undefined) parts.push({ is: 'other', value: content });
  parts.push(...mediaBeside(message));
  if (typeof message.refusal === 'string') parts.push({ is: 'text', text: `Refused: ${message.refusal}` });
  if (Array.isArray(message.tool_calls)) parts.push(...message.tool_calls.map(callOf));
  if (isFields(message.function_call)) parts.push(callOf(message.function_call));
  return { role, name: isAnswerOfTool ? '' : text(message.name), parts };
}

/** The thinking that stands beside the content, as OpenAI-compatible servers send it. @param {Fields} message @returns {Part[]} */
function thoughtsOf({ reasoning_content, reasoning, thinking, thinking_blocks }) {
  const said = [reasoning_content, reasoning, thinking].map(text).find((each) => each !== '');
  if (said !== undefined) return [{ is: 'thinking', text: said }];
  return Array.isArray(thinking_blocks) ? thinking_blocks.map(partOf) : [];
}

/** Sound and pictures that stand beside the content. @param {Fields} message @returns {Part[]} */
function mediaBeside({ audio, images }) {
  /** @type {Part[]} */
  const parts = [];
  // Ollama's images are Base64 alone.
  for (const image of Array.isArray(images) ? images : [])
    parts.push((typeof image === 'string' && mediaOf({ data: image }, 'image')) || partOf(image));
  if (!isFields(audio)) return parts;
  const { transcript, ...sound } = audio;
  if (typeof transcript === 'string' && transcript !== '') parts.push({ is: 'text', text: transcript });
  return [...parts, mediaOf(sound, 'audio') ?? { is: 'other', value: sound }];
}

/** @param {unknown} part @returns {Part} */
function partOf(part) {
  if (typeof part === 'string') return { is: 'text', text: part };
  if (!isFields(part)) return { is: 'other', value: part };
  const type = text(part.type);
  if (part.thought === true && typeof part.text === 'string') return { is: 'thinking', text: part.text };
  if (typeof part.text === 'string' && /^($|text$|input_text$|output_text$|summary_text$)/.test(type))
    return { is: 'text', text: part.text };
  // The form of the GenAI conventions.
  if (type === 'text' && typeof part.content === 'string') return { is: 'text', text: part.content };
  if (type === 'thinking' || type === 'reasoning') {
    const said = [part.thinking, part.text, part.content, plainText(part.summary)]
      .map(text)
      .find((each) => each !== '');
    return { is: 'thinking', text: said ?? '' };
  }
  if (type === 'tool_use' || type === 'tool_call' || type === 'tool-call' || type === 'function_call')
    return callOf(part);
  if (/^(tool_result|tool-result|function_call_output|tool_call_response)$/.test(type))
    return resultOf(part, part.content ?? part.output ?? part.response ?? part.result);
  if (isFields(part.functionCall)) return callOf({ name: part.functionCall.name, input: part.functionCall.args });
  if (isFields(part.functionResponse)) return resultOf(part.functionResponse, part.functionResponse.response);
  const media = mediaOf(part, type);
  return media ?? { is: 'other', value: part };
}

/** @param {unknown} call @returns {Part} */
function callOf(call) {
  if (!isFields(call)) return { is: 'other', value: call };
  const inner = isFields(call.function) ? call.function : call;
  const input = inner.arguments ?? inner.input ?? inner.args;
  return {
    is: 'call',
    name: text(inner.name ?? inner.toolName),
    id: text(call.call_id ?? call.toolCallId ?? call.id),
    input: parsed(input),
  };
}

/** @param {Fields} part @param {unknown} output @returns {Part} */
function resultOf(part, output) {
  const id = text(part.tool_use_id ?? part.call_id ?? part.toolCallId ?? part.id);
  return {
    is: 'result',
    name: text(part.name ?? part.toolName),
    id,
    output: plainText(output) ?? output,
    hasFailed: part.is_error === true,
  };
}

/**
 * An image, audio or file, shown by its facts and its address; nothing is loaded.
 *
 * @param {Fields} part
 * @param {string} type
 * @returns {Part | undefined}
 */
function mediaOf(part, type) {
  const media =
    /image|audio|video|file|document/.exec(type)?.[0] ??
    // The form of the GenAI conventions.
    (/^(blob|uri|binary)$/.test(type) ? text(part.modality) || 'file' : undefined) ??
    ('inlineData' in part || 'fileData' in part ? 'file' : undefined);
  if (media === undefined) return undefined;
  /** @type {string[]} */
  const facts = [];
  const look = (/** @type {Fields} */ fields, /** @type {number} */ depth) => {
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'type' || value === null || value === undefined) continue;
      if (isFields(value) && depth < 2) look(value, depth + 1);
      else if (typeof value === 'string' && value.startsWith('data:')) {
        facts.push(
          value.slice(5, value.indexOf(';') === -1 ? 40 : value.indexOf(';')),
          `about ${Math.round((value.length * 0.75) / 1000)} kB inline`,
        );
      } else if (typeof value === 'string' && value.length > 400) facts.push(`${name}: ${value.length} characters`);
      else if (typeof value === 'string' || typeof value === 'number')
        facts.push(/mime|media_type|url/.test(name) ? String(value) : `${name}: ${value}`);
    }
  };
  look(part, 0);
  return { is: 'media', media, facts, source: sourceOf(part) };
}

/** The URL of an image, which may be a `data:` URL; empty if there is none. @param {Fields} part */
function sourceOf(part) {
  const image = [part.image_url, part.source, part.inlineData, part.fileData, part.image, part].find(
    (each) => typeof each === 'string' || isFields(each),
  );
  if (!isFields(image)) return text(image);
  const type = text(image.media_type ?? image.mimeType ?? image.mediaType ?? image.mime_type);
  const data = text(image.data ?? image.content);
  if (type !== '' && data !== '' && !/^(data|https?):/.test(data)) return `data:${type};base64,${data}`;
  return data || text(image.url ?? image.fileUri ?? image.uri);
}

/** The text of parts that are all text. @param {unknown} content */
function plainText(content) {
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const parts = content.map(partOf);
  return parts.every((part) => part.is === 'text') ? parts.map((part) => part.text).join('\n') : undefined;
}

/** @param {unknown} value */
export function parsed(value) {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' ? value : '';
}

/** @param {unknown} value @returns {value is Fields} */
function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
