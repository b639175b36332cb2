import {
  type CallAdapter,
  type Counts,
  noStream,
  type ReplyFacts,
  type RequestFacts,
} from '../../calls/call-adapter.js';
import { inclusiveCounts } from '../../calls/counts.js';
import { chat } from '../../calls/openai/chat.js';
import { responseTools } from '../../calls/openai/response-tools.js';
import { responses } from '../../calls/openai/responses.js';
import { chatUsage } from '../../calls/openai/usage.js';
import { type Fields, fields, list, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import { asMessages } from '../../model/messages.js';

/*
 * The framework's spans of model calls contain requests and replies of OpenAI's client, in two forms:
 *
 *   generation   input: messages of chat; output: whole completions of chat, with their usage. With models of the AI SDK, input:
 *                its messages; output: the framework's own items
 *   response     _response: the response as it came; _input: the framework's own items, in camelCase
 */

/** The adapter for a type of span. Request and reply are read from the same data, at the span's end. */
function adapterOf(type: unknown): CallAdapter {
  if (type === 'response') return response;
  return type === 'generation' ? generation : speech;
}

/** Reads the data of one model call once, and keeps input and output, because the agents above show them, too. */
export class ModelData implements CallAdapter {
  readonly name: string;
  readonly kind = 'LLM';
  readonly stream = noStream;
  readonly #adapter: CallAdapter;
  input: unknown;
  output: unknown;

  constructor(type: unknown) {
    this.#adapter = adapterOf(type);
    this.name = this.#adapter.name;
  }

  request(data: Fields): RequestFacts {
    const facts = this.#adapter.request(data);
    this.input = asMessages(facts.input);
    return facts;
  }

  reply(data: unknown): ReplyFacts {
    const facts = this.#adapter.reply(data);
    this.output = facts.output;
    return facts;
  }
}

const generation: CallAdapter = {
  name: 'generation',
  kind: 'LLM',
  request({ input, model, model_config }) {
    const { provider, ...config } = fields(model_config);
    const own = `${model}`.startsWith(`${provider}:`) ? `${model}`.slice(`${provider}:`.length) : model;
    const facts = chat.request({ ...config, messages: input, model: own });
    return input === undefined ? { ...facts, input: undefined } : facts;
  },
  reply(data) {
    const { output, usage } = fields(data);
    const [first, ...others] = list(output);
    if (nonEmptyString(fields(first).type) !== undefined) return ofItems(list(output).map(itemOf), chatUsage(usage));
    const facts = chat.reply(first);
    const messages = [facts, ...others.map(chat.reply)].flatMap((reply) => list(fields(reply.output).messages));
    return {
      ...facts,
      output: messages.length === 0 ? undefined : { messages },
      usage: facts.usage ?? chatUsage(usage),
    };
  },
  stream: noStream,
};

const response: CallAdapter = {
  name: 'response',
  kind: 'LLM',
  request(data): RequestFacts {
    const { _input, _response } = data;
    const response = fields(_response);
    const input = typeof _input === 'string' ? _input : list(_input).map(itemOf);
    const facts = responses.request({ ...response, input });
    return _input === undefined ? { ...facts, input: undefined } : facts;
  },
  reply(data): ReplyFacts {
    const { _response } = fields(data);
    return { ...responses.reply(_response), tools: hostedTools(list(fields(_response).output)) };
  },
  stream: noStream,
};

function ofItems(output: readonly unknown[], usage: ReplyFacts['usage']): ReplyFacts {
  return { ...responses.reply({ output }), usage, tools: hostedTools(output) };
}

/** The framework has spans for the tools that it calls. Tools that the provider has called are only in the reply. */
function hostedTools(items: readonly unknown[]): ReplyFacts['tools'] {
  return responseTools(items.filter((item) => !isOwnCall(fields(item).type)));
}

const isOwnCall = (type: unknown): boolean => type === 'function_call' || type === 'custom_tool_call';

/** Text to speech, and speech to text. The audio itself is not recorded. */
const speech: CallAdapter = {
  name: 'speech',
  kind: 'LLM',
  request: ({ input, model }) => ({ input: nonEmptyString(input), model: nonEmptyString(model) }),
  reply: (data) => ({ output: nonEmptyString(fields(data).output) }),
  stream: noStream,
};

/** How many tools a model call asks for. */
export function toolsAskedFor(output: unknown): number {
  return list(fields(output).messages).reduce<number>(
    (count, message) => count + list(fields(message).tool_calls).length,
    0,
  );
}

/** Whether anything has come back. */
export function isAnswered(data: Fields): boolean {
  return data.type === 'response' ? data._response !== undefined : data.output !== undefined;
}

/** Whether the framework withholds what is said: of other calls, at least the input is known. */
export function isWithheld(data: Fields): boolean {
  return (data.type === 'response' ? data._input : data.input) === undefined;
}

/** The tokens of a turn, with those of agents that are used as tools in it. They are 0 if its model call was left early. */
export function turnUsage(usage: unknown): Counts | undefined {
  const { input_tokens, output_tokens, cached_input_tokens, cache_write_input_tokens } = fields(usage);
  if (input_tokens === 0) return undefined;
  return inclusiveCounts({
    prompt: input_tokens,
    completion: output_tokens,
    cacheRead: cached_input_tokens,
    cacheCreation: cache_write_input_tokens,
  });
}

/** An item of the framework in OpenAI's form. */
function itemOf(item: unknown): unknown {
  const { callId, providerData: _, output, ...rest } = fields(item);
  if (callId === undefined)
    return typeof item === 'object' && item !== null ? { ...withContent(rest), ...outputFields(output) } : item;
  if (rest.type !== 'function_call_result') return { ...rest, call_id: callId, ...outputFields(output) };
  return { ...rest, type: 'function_call_output', call_id: callId, output: resultOf(output) };
}

function withContent({ content, ...rest }: Fields): Fields {
  return content === undefined ? rest : { ...rest, content: Array.isArray(content) ? content.map(partOf) : content };
}

/** A tool's result: a text, a value, or parts. */
function resultOf(output: unknown): unknown {
  if (Array.isArray(output)) return output.map(partOf);
  const { type, text } = fields(output);
  if (type === 'text') return text;
  const part = partOf(output);
  return part === output ? output : [part];
}

/** A part with a picture or a file in OpenAI's form; any other part unchanged. */
function partOf(part: unknown): unknown {
  const { type, image, file, ...rest } = fields(part);
  if (image !== undefined && (type === 'input_image' || type === 'image')) {
    const { url, id } = sourceOf(image);
    return { ...rest, type: 'input_image', image_url: url, file_id: id };
  }
  if (file !== undefined && (type === 'input_file' || type === 'file')) {
    const { url, id } = sourceOf(file);
    const { filename = rest.filename } = fields(file);
    return { ...rest, type: 'input_file', filename, file_url: url, file_id: id };
  }
  return part;
}

/** Where a picture or file is: an address, which may have all of it, or the id of a file at OpenAI. */
function sourceOf(given: unknown): { readonly url?: string | undefined; readonly id?: unknown } {
  const { id, fileId, url, data, mediaType } = fields(given);
  const text = nonEmptyString(given) ?? nonEmptyString(url) ?? nonEmptyString(data);
  if (text === undefined) return { id: id ?? fileId };
  return { url: /^(?:https?|data):/.test(text) ? text : `data:${nonEmptyString(mediaType) ?? ''};base64,${text}` };
}

function outputFields(output: unknown): Fields {
  return output === undefined ? {} : { output };
}

/** Arguments and results of tools are JSON text. */
export function toolValue(value: unknown): unknown {
  return value === '' ? undefined : parsed(value);
}
