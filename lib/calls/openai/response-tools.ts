import type { ToolFacts } from '../call-adapter.js';
import { type Fields, fields, list, nonEmptyString, omitNullish, parsed } from '../read-unknown.js';
import { base64Bytes } from '../without-bytes.js';

/** Calls that the caller's program may run later. */
const requestTypes: ReadonlySet<unknown> = new Set([
  'function_call',
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'apply_patch_call',
]);

/** The uses of tools in a response, each with its result if that is a separate item. */
export function responseTools(items: readonly unknown[]): readonly ToolFacts[] {
  return items.flatMap((item) => {
    const tool = responseTool(item);
    if (tool === undefined) return [];
    const { call_id, type } = fields(item);
    const answer = items
      .map(fields)
      .find((other) => call_id !== undefined && other.call_id === call_id && other.type === `${type}_output`);
    return answer === undefined ? tool : { ...tool, output: answer.output };
  });
}

/** The use of a tool in an output item; undefined for messages, reasoning and the like. */
export function responseTool(item: unknown): ToolFacts | undefined {
  const source = fields(item);
  const { type, id, call_id, status } = source;
  if (typeof type !== 'string' || !/_call$|^mcp_list_tools$/.test(type)) return undefined;
  const isRequest = requestTypes.has(type);
  return {
    key: nonEmptyString(id) ?? nonEmptyString(call_id) ?? type,
    name: toolName(type, source),
    input: toolInput(type, source),
    output: isRequest ? undefined : (toolOutput(type, source) ?? omitNullish({ status })),
    metadata: { requested: isRequest ? true : undefined, call_id },
    error: toolError(source),
  };
}

function toolName(type: string, { name, server_label }: Fields): string {
  switch (type) {
    case 'function_call':
    case 'custom_tool_call':
      return `${type}:${nonEmptyString(name) ?? ''}`;
    case 'mcp_call':
      return `mcp:${nonEmptyString(server_label) ?? ''}/${nonEmptyString(name) ?? ''}`;
    case 'mcp_list_tools':
      return `mcp_list_tools:${nonEmptyString(server_label) ?? ''}`;
    default:
      return type.replace(/_call$/, '');
  }
}

function toolInput(type: string, source: Fields): unknown {
  const { action, queries, code, arguments: input, input: text, operation, execution, revised_prompt } = source;
  if (input !== undefined) return parsed(input);
  if (type === 'file_search_call') return omitNullish({ queries });
  if (type === 'code_interpreter_call') return omitNullish({ code });
  if (type === 'image_generation_call') return omitNullish({ prompt: revised_prompt });
  return action ?? text ?? operation ?? execution;
}

function toolOutput(type: string, source: Fields): unknown {
  const { output, outputs, results, result, tools } = source;
  if (type === 'image_generation_call')
    return omitNullish({
      status: source.status,
      size_bytes: typeof result === 'string' ? base64Bytes(result) : undefined,
    });
  if (type === 'mcp_list_tools') return list(tools).map((tool) => fields(tool).name);
  return output ?? outputs ?? results ?? undefined;
}

function toolError({ error, status }: Fields): string | undefined {
  if (typeof error === 'string' && error !== '') return error;
  const { message } = fields(error);
  return nonEmptyString(message) ?? (status === 'failed' ? 'the tool failed' : undefined);
}
