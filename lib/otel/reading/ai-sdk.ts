import { type Attributes, isObject } from '../wire/any-value.js';
import { firstOf, parsed } from './parsed.js';

/* Spans of the AI SDK up to version 6. Source: AI SDK documentation, *Telemetry*, *Collected Data*. */

export function aiSdkInput(attributes: Attributes): unknown {
  const messages = parsed(attributes['ai.prompt.messages']);
  if (messages !== undefined) return Array.isArray(messages) ? { messages } : messages;
  const prompt = parsed(attributes['ai.prompt']);
  if (!isObject(prompt)) return parsed(firstOf(attributes, ['ai.toolCall.args', 'ai.value', 'ai.values'])) ?? prompt;
  const { system, messages: given, prompt: asked } = prompt;
  const before = typeof system === 'string' && system !== '' ? [{ role: 'system', content: system }] : [];
  if (Array.isArray(given)) return { messages: [...before, ...given] };
  return asked === undefined ? prompt : { messages: [...before, { role: 'user', content: asked }] };
}

export function aiSdkOutput(attributes: Attributes): unknown {
  const result = attributes['ai.toolCall.result'];
  if (result !== undefined) return parsed(result);
  const text = firstOf(attributes, ['ai.response.text', 'ai.response.object']);
  const calls = parsed(attributes['ai.response.toolCalls']);
  if (text === undefined && !Array.isArray(calls)) return undefined;
  const made = Array.isArray(calls) ? { tool_calls: calls.filter(isObject).map(toolCall) } : {};
  return { messages: [{ role: 'assistant', content: text ?? null, ...made }] };
}

function toolCall({ toolCallId, toolName, input, args }: Attributes): unknown {
  const given = input ?? args;
  const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
  return { id: toolCallId, type: 'function', function: { name: toolName, arguments: text } };
}
