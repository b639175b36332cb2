import { type Attributes, isObject } from '../wire/any-value.js';
import { flatList } from './flat-list.js';

/** OpenInference's messages, which have an attribute for each leaf, as `{ messages }`. */
export function openInferenceMessages(attributes: Attributes, prefix: string): unknown {
  const messages = flatList(attributes, prefix)?.map((each) => {
    const { role, content, contents, tool_call_id: callId, tool_calls: calls, ...rest } = objectIn(each, 'message');
    const parts = Array.isArray(contents) ? contents.map(part) : undefined;
    return {
      ...{ ...rest, role: role ?? 'user', content: content ?? parts ?? null }, // such as `name`
      ...(callId === undefined ? {} : { tool_call_id: callId }),
      ...(Array.isArray(calls) ? { tool_calls: calls.map(call) } : {}),
    };
  });
  return messages === undefined || messages.length === 0 ? undefined : { messages };
}

function part(each: unknown): unknown {
  const content = objectIn(each, 'message_content');
  if (content.type === 'text') return { type: 'text', text: content.text };
  if (content.type !== 'image') return content;
  return { type: 'image_url', image_url: { url: objectIn(objectIn(content, 'image'), 'image').url } };
}

function call(each: unknown): unknown {
  const { id, function: called } = objectIn(each, 'tool_call');
  const { name, arguments: given } = isObject(called) ? called : {};
  return { id, type: 'function', function: { name, arguments: given } };
}

function objectIn(value: unknown, key: string): Attributes {
  const inner = isObject(value) ? value[key] : undefined;
  return isObject(inner) ? inner : {};
}
