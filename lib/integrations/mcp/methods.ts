import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import type { SpanKind } from '../../model/kinds.js';
import type { MCPOptions } from './options.js';

/** The operation that a request asks for. */
export interface Asked {
  readonly name: string;
  readonly kind: SpanKind;
  readonly input: unknown;
}

const lists = /^(?:tools|prompts|resources)(?:\/templates)?\/list$/;
const serverAsks = /^(?:sampling\/createMessage|elicitation\/create|roots\/list)$/;

/** The operation of a request; undefined if it is not recorded. */
export function askedBy(method: unknown, params: unknown, options: MCPOptions): Asked | undefined {
  if (!isRecorded(method, options)) return undefined;
  const { name, uri, arguments: input } = fields(params);
  switch (method) {
    case 'tools/call':
      return { name: nonEmptyString(name) ?? method, kind: 'TOOL', input };
    case 'prompts/get':
      return { name: nonEmptyString(name) ?? method, kind: 'OTHER', input };
    case 'resources/read':
      return { name: method, kind: 'RETRIEVER', input: omitNullish({ uri }) };
    default:
      return { name: method, kind: 'OTHER', input: undefined };
  }
}

/** Whether requests of this method make spans. */
export function isRecorded(method: unknown, options: MCPOptions): method is string {
  if (typeof method !== 'string') return false;
  if (method === 'tools/call') return true;
  if (method === 'resources/read') return options.resources === true;
  if (method === 'prompts/get') return options.prompts === true;
  return options.lists === true && lists.test(method);
}

/** Whether requests of this method run code on the other side that may be traced. */
export function isCarrier(method: unknown): boolean {
  return method === 'tools/call' || method === 'resources/read' || method === 'prompts/get' || isServerAsking(method);
}

/** Whether servers send requests of this method to clients while they work on a request. */
export function isServerAsking(method: unknown): method is string {
  return typeof method === 'string' && serverAsks.test(method);
}

/** The output of a request: the structured content; else the text, if it is only text; else the content. */
export function outputOf(result: unknown): unknown {
  const { _meta, content, structuredContent, isError: _, ...rest } = fields(result);
  if (structuredContent !== undefined) return structuredContent;
  if (content === undefined) return omitNullish(rest);
  return textOf(content) ?? content;
}

/**
 * The error message in a tool's result; a failing tool does not reject. Source: Model Context Protocol, *Tools*, error handling.
 */
export function failureOf(result: unknown): string | undefined {
  const { isError, content } = fields(result);
  if (isError !== true) return undefined;
  const texts = list(content).flatMap((part) => nonEmptyString(fields(part).text) ?? []);
  return nonEmptyString(texts.join('\n')) ?? 'the tool failed';
}

function textOf(content: unknown): string | undefined {
  const parts = list(content);
  const texts = parts.flatMap((part) => {
    const { type, text }: Fields = fields(part);
    return type === 'text' && typeof text === 'string' ? text : [];
  });
  return texts.length > 0 && texts.length === parts.length ? texts.join('\n') : undefined;
}
