import type { ToolFacts } from '../call-adapter.js';
import { toolNames } from '../parameters.js';
import { type Fields, fields, list, nonEmptyString, omitNullish, parsed } from '../read-unknown.js';
import { base64Bytes } from '../without-bytes.js';
import { partsContent } from './response-items.js';

/** Calls that the caller's program may run, or allow, later. */
const requestTypes: ReadonlySet<unknown> = new Set([
  'function_call',
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'apply_patch_call',
  'mcp_approval_request',
]);

/** Some tools run at the provider or in the caller's program, as the caller has chosen. */
function isRequest({ type, environment, execution }: Fields): boolean {
  if (type === 'shell_call') return fields(environment).type !== 'container_reference';
  return requestTypes.has(type) || (type === 'tool_search_call' && execution === 'client');
}

/** The uses of tools in a response, each with its result if that is a separate item. */
export function responseTools(items: readonly unknown[]): readonly ToolFacts[] {
  return items.flatMap((item, at) => {
    const tool = responseTool(item);
    if (tool === undefined) return [];
    const answer = items.slice(at + 1).find((other) => isAnswer(other, item));
    return answer === undefined ? tool : { ...tool, output: answerOf(fields(answer)) };
  });
}

/** The use of a tool that the caller's program may run; undefined for any other item. */
export function requestedTool(item: unknown): ToolFacts | undefined {
  return isRequest(fields(item)) ? responseTool(item) : undefined;
}

/**
 * The use of a tool that is over with `item` of a stream: its own, or the one whose result it is. A tool whose result is still to
 * come is not over.
 *
 * @param items - those up to `item`
 */
export function endedTool(item: unknown, items: readonly unknown[]): ToolFacts | undefined {
  const tool = responseTool(item);
  if (tool !== undefined) return fields(item).call_id === undefined ? tool : undefined;
  const called = responseTool(items.findLast((other) => isAnswer(item, other)));
  return called && { ...called, output: answerOf(fields(item)) };
}

/** Whether an item has the result of a call. Calls that the provider runs may have no id. */
function isAnswer(answer: unknown, call: unknown): boolean {
  const { type, call_id } = fields(call);
  const { type: answered, call_id: answeredId } = fields(answer);
  if (typeof type !== 'string' || (call_id ?? undefined) !== (answeredId ?? undefined)) return false;
  return answered === `${type}_output` || answered === type.replace(/(?:_call)?$/, '_output');
}

function answerOf({ type, output, result, tools }: Fields): unknown {
  return (type === 'multi_agent_call_output' ? partsContent(output) : output) ?? result ?? toolNames(list(tools));
}

/** The use of a tool in an output item; undefined for messages, reasoning and the like. */
export function responseTool(item: unknown): ToolFacts | undefined {
  const source = fields(item);
  const { type, id, call_id, status, agent } = source;
  if (typeof type !== 'string' || !/_call$|^(?:mcp_list_tools|mcp_approval_request|program)$/.test(type))
    return undefined;
  const isAsked = isRequest(source);
  return {
    key: nonEmptyString(id) ?? nonEmptyString(call_id) ?? type,
    name: toolName(type, source),
    input: toolInput(type, source),
    output: isAsked ? undefined : (toolOutput(type, source) ?? omitNullish({ status })),
    metadata: { requested: isAsked ? true : undefined, call_id, agent: nonEmptyString(fields(agent).agent_name) },
    error: toolError(source),
  };
}

function toolName(type: string, { name, server_label, action }: Fields): string {
  switch (type) {
    case 'multi_agent_call':
      return `multi_agent:${nonEmptyString(action) ?? ''}`;
    case 'function_call':
    case 'custom_tool_call':
      return `${type}:${nonEmptyString(name) ?? ''}`;
    case 'mcp_call':
    case 'mcp_approval_request':
      return `mcp:${nonEmptyString(server_label) ?? ''}/${nonEmptyString(name) ?? ''}`;
    case 'mcp_list_tools':
      return `mcp_list_tools:${nonEmptyString(server_label) ?? ''}`;
    default:
      return type.replace(/_call$/, '');
  }
}

function toolInput(type: string, source: Fields): unknown {
  const {
    action,
    actions,
    queries,
    code,
    arguments: input,
    input: text,
    operation,
    execution,
    revised_prompt,
  } = source;
  if (input !== undefined) return parsed(input);
  if (type === 'file_search_call') return omitNullish({ queries });
  if (type === 'code_interpreter_call' || type === 'program') return omitNullish({ code });
  if (type === 'image_generation_call') return omitNullish({ prompt: revised_prompt });
  return action ?? actions ?? text ?? operation ?? execution;
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
