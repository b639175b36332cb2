import type { RecordedMessage, ToolFacts } from '../call-adapter.js';
import { toolNames } from '../parameters.js';
import { assistantMessage, content, mediaPart, reasoning, textPart, toolCall, toolMessage } from '../parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../read-unknown.js';

/** The system prompt, then the messages; a user's tool results become messages of their own. */
export function requestMessages(system: unknown, messages: unknown): readonly unknown[] {
  const start = Array.isArray(system) ? content(system.map(part), '\n') : nonEmptyString(system);
  const rest = list(messages).flatMap(requestMessage);
  return start === undefined || start === null ? rest : [{ role: 'system', content: start }, ...rest];
}

function requestMessage(message: unknown): readonly unknown[] {
  const { role, content: written } = fields(message);
  if (!Array.isArray(written)) return [{ role, content: written ?? null }];
  if (role === 'assistant') return [blocksMessage(written)];
  const results = written.filter((block) => fields(block).type === 'tool_result');
  const others = written.filter((block) => fields(block).type !== 'tool_result');
  const answers = results.map((block) => {
    const { tool_use_id, content: result, is_error } = fields(block);
    const answer = toolMessage(
      tool_use_id,
      undefined,
      Array.isArray(result) ? content(result.map(part), '\n') : result,
    );
    return is_error === true ? { ...answer, is_error } : answer;
  });
  return others.length === 0 ? answers : [...answers, { role, content: content(others.map(part), '\n') }];
}

/** A block of a request as a part. */
function part(block: unknown): unknown {
  const { type, text, source, title, content: summary } = fields(block);
  if (type === 'text' && typeof text === 'string') return textPart(text);
  if (type === 'compaction') return { type, content: summary }; // without its encrypted form and signature
  if (type === 'mcp_tool_listing' || type === 'tool_addition') return withoutSchemas(fields(block));
  if (type !== 'image' && type !== 'document') return block;
  const { type: where, media_type, data, url, file_id, content: inner } = fields(source);
  if (where === 'text' || where === 'content') {
    return { type: 'file', ...omitNullish({ name: title, content: where === 'text' ? data : inner }) };
  }
  const from = { mimeType: media_type, name: title, base64: data, url, id: file_id };
  return mediaPart(type === 'image' ? 'image' : 'file', from);
}

/** A block about the tools that the model has, with their names only. */
function withoutSchemas(block: Fields): Fields {
  const { tools, tool } = block;
  const { type, definition } = fields(tool);
  if (Array.isArray(tools)) return { ...block, tools: toolNames(tools) ?? [] };
  return definition === undefined ? block : { ...block, tool: { type, name: toolNames([definition])?.[0] } };
}

const callTypes: ReadonlySet<unknown> = new Set(['tool_use', 'server_tool_use', 'mcp_tool_use']);
const thoughtTypes: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);

/** The model's answer: text, tool calls, and any other block as a part, but not its thinking. */
export function blocksMessage(blocks: readonly unknown[]): RecordedMessage {
  const calls = blocks.filter(isCall).map((block) => toolCall(block.id, block.name, block.input));
  const rest = blocks.filter((block) => !isCall(block) && !thoughtTypes.has(fields(block).type));
  return assistantMessage(rest.map(answerPart), calls);
}

/** Text with its citations, if it has any. */
function answerPart(block: unknown): unknown {
  const { type, text, citations } = fields(block);
  if (type !== 'text' || typeof text !== 'string') return part(block);
  return list(citations).length > 0 ? { ...textPart(text), citations } : textPart(text);
}

function isCall(block: unknown): block is Fields {
  return isFields(block) && callTypes.has(block.type);
}

/** The model's thinking, without redacted parts and signatures. */
export function blocksReasoning(blocks: readonly unknown[]): string | undefined {
  return reasoning(
    blocks.map((block) => {
      const { type, thinking } = fields(block);
      return type === 'thinking' ? nonEmptyString(thinking) : undefined;
    }),
  );
}

/** The tools that the provider ran: each call with its result. A call without a result is left out. */
export function serverTools(blocks: readonly unknown[]): readonly ToolFacts[] {
  const calls = new Map(blocks.filter(isCall).map((block) => [block.id, block]));
  return blocks.flatMap((block) => {
    const { tool_use_id } = fields(block);
    const call = calls.get(tool_use_id);
    return call === undefined ? [] : toolResult(call, block);
  });
}

/** A tool the provider has begun to run; undefined for any other block. */
export function startedTool(block: unknown): ToolFacts | undefined {
  const { type, id, name } = fields(block);
  if (type !== 'server_tool_use' && type !== 'mcp_tool_use') return undefined;
  return { key: nonEmptyString(id) ?? '', name: nonEmptyString(name) ?? 'tool' };
}

/** A tool call that the provider made, with its result. */
export function toolResult(call: Fields, block: unknown): ToolFacts {
  const { content: result, is_error } = fields(block);
  const { type, error_code } = fields(result);
  const failure = nonEmptyString(error_code) ?? (is_error === true ? 'the tool failed' : undefined);
  const hasFailed = failure !== undefined || (typeof type === 'string' && type.endsWith('_error'));
  return {
    key: nonEmptyString(call.id) ?? '',
    name: nonEmptyString(call.name) ?? 'tool',
    input: call.input,
    output: result,
    error: hasFailed ? (failure ?? 'the tool failed') : undefined,
  };
}
