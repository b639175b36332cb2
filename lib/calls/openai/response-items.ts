import type { RecordedMessage } from '../call-adapter.js';
import { toolNames } from '../parameters.js';
import {
  addParagraph,
  assistantMessage,
  content,
  mediaPart,
  reasoning,
  systemMessages,
  textPart,
  toolCall,
  toolMessage,
} from '../parts.js';
import { type Fields, fields, isFields, list, nonEmptyString } from '../read-unknown.js';
import { fileSource } from './chat-messages.js';

/** The input of a request as messages: the instructions first, then a text or the items of a conversation. */
export function inputMessages(instructions: unknown, input: unknown): readonly unknown[] {
  const start = systemMessages(instructions);
  if (typeof input === 'string') return [...start, { role: 'user', content: input }];
  const items = [...list(Array.isArray(instructions) ? instructions : undefined), ...list(input)];
  return [...start, ...items.flatMap(inputMessage)];
}

function inputMessage(item: unknown): readonly unknown[] {
  const { type, role, call_id, name, output } = fields(item);
  if (type === 'additional_tools')
    return [{ role: role ?? 'developer', content: [{ type, tools: toolNames(list(fields(item).tools)) }] }];
  if (typeof role === 'string') return [roleMessage(role, fields(item).content)];
  switch (type) {
    case 'function_call':
    case 'custom_tool_call':
      return [assistantMessage([], [itemCall(fields(item))])];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [toolMessage(call_id, name, Array.isArray(output) ? partsContent(output) : output)];
    case 'reasoning':
      return [];
    case 'mcp_approval_response':
      return [{ role: 'user', content: [item] }];
    default: {
      const isResult = typeof type === 'string' && type.endsWith('_output');
      return [isResult ? resultMessage(fields(item)) : { role: 'assistant', content: [otherPart(fields(item))] }];
    }
  }
}

/** The result of a tool whose results have an item type of their own: the shell, a patch, a computer. */
function resultMessage({ id, call_id, output, result, tools, status }: Fields): RecordedMessage {
  const given = output ?? result ?? toolNames(list(tools)) ?? status;
  const isScreenshot = fields(given).type === 'computer_screenshot';
  return toolMessage(call_id ?? id, undefined, isScreenshot ? [itemPart(given)] : given);
}

function roleMessage(role: string, written: unknown): unknown {
  return { role, content: partsContent(written, role === 'assistant' ? '' : '\n') };
}

/** A message's content: a text unchanged, or its parts. */
export function partsContent(written: unknown, separator = '\n'): unknown {
  return Array.isArray(written) ? content(written.map(itemPart), separator) : (written ?? null);
}

/** The values of the variables in a prompt that the provider keeps: texts and files. */
export function promptVariables(prompt: unknown): Fields | undefined {
  const { variables } = fields(prompt);
  if (!isFields(variables)) return undefined;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, variable(value)]));
}

function variable(value: unknown): unknown {
  return isFields(value) ? partsContent([value]) : value;
}

/** One part of a message item, of either direction. */
function itemPart(part: unknown): unknown {
  const { type, text, image_url, file_id, file_data, file_url, filename, input_audio, annotations } = fields(part);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      if (typeof text !== 'string') return part;
      return list(annotations).length > 0 ? { ...textPart(text), annotations } : textPart(text);
    case 'input_image':
    case 'computer_screenshot':
      return mediaPart('image', { url: image_url, id: file_id });
    case 'input_file': {
      const source = file_url === undefined || file_url === null ? fileSource(file_data) : { url: file_url };
      return mediaPart('file', { ...source, id: file_id, name: filename });
    }
    case 'input_audio': {
      const { data, format } = fields(input_audio);
      return mediaPart('audio', { base64: data, mimeType: typeof format === 'string' ? `audio/${format}` : undefined });
    }
    default:
      return part;
  }
}

function itemCall({ call_id, id, name, arguments: input, input: text }: Fields) {
  return toolCall(nonEmptyString(call_id) ?? id, name, input ?? text);
}

/** The model's answer as one message; undefined if there is none. */
export function outputMessage(items: readonly unknown[]): RecordedMessage | undefined {
  const parts: unknown[] = [];
  const calls: unknown[] = [];
  const refusals: string[] = [];
  for (const item of items) {
    const { type, content: written, result, output_format } = fields(item);
    if (type === 'message') addMessage(list(written), parts, refusals);
    else if (type === 'function_call' || type === 'custom_tool_call') calls.push(itemCall(fields(item)));
    else if (type === 'image_generation_call' && typeof result === 'string') {
      const format = nonEmptyString(output_format) ?? 'png';
      parts.push(mediaPart('image', { base64: result, mimeType: `image/${format}` }));
    } else if (typeof type === 'string' && !otherItems.test(type)) parts.push(otherPart(fields(item)));
  }
  if (parts.length + calls.length + refusals.length === 0) return undefined;
  return assistantMessage(parts, calls, { refusal: nonEmptyString(refusals.join('\n')) });
}

/**
 * Types of items that are not in the message: they are recorded as reasoning or as a tool's span, have only encrypted content, or
 * are tools for later requests. An item of an unknown type becomes a part of the message.
 */
const otherItems =
  /_(?:call|output)$|^(?:reasoning|compaction|context_compaction|program|additional_tools|mcp_list_tools|mcp_approval_request|item_reference)$/;

/** A message from one agent to another, or an item of an unknown type, as a part of a message; without encrypted content. */
function otherPart({ encrypted_content: _, ...item }: Fields): Fields {
  if (item.type !== 'agent_message') return item;
  const open = list(item.content).filter((part) => fields(part).type !== 'encrypted_content');
  return { ...item, content: partsContent(open) };
}

function addMessage(written: readonly unknown[], parts: unknown[], refusals: string[]): void {
  const said: unknown[] = [];
  for (const part of written) {
    const { type, refusal } = fields(part);
    if (type === 'refusal') refusals.push(nonEmptyString(refusal) ?? '');
    else said.push(itemPart(part));
  }
  addParagraph(parts, said);
}

/** The summaries of the model's reasoning, without encrypted reasoning. */
export function itemReasoning(items: readonly unknown[]): string | undefined {
  return reasoning(
    items.flatMap((item) => {
      const { type, summary, content: thoughts } = fields(item);
      if (type !== 'reasoning') return [];
      const parts = list(summary).length > 0 ? list(summary) : list(thoughts);
      return parts.filter(isFields).map(({ text }) => nonEmptyString(text));
    }),
  );
}
