import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { converse } from './converse-form.js';
import { gemini } from './gemini-form.js';

/** What the model answers to one request. */
export interface ModelReply {
  readonly text?: string;
  /** What it thinks before: only over the Responses API. */
  readonly reasoning?: string;
  /** The tools that it calls, all at once. */
  readonly tools?: readonly { readonly id: string; readonly name: string; readonly args: unknown }[];
  /** Why it ends: only of Gemini. @defaultValue 'STOP' */
  readonly reason?: string;
  /** Answers with an error of this status, which says `message`. */
  readonly status?: number;
  readonly message?: string;
  /** Milliseconds until it answers. */
  readonly delay?: number;
  /** Nothing more comes after what there is of the reply; without text and tools nothing comes at all. */
  readonly hang?: boolean;
  /** The connection is cut after what there is of the reply. */
  readonly cut?: boolean;
  /** The pieces in which a streamed text comes. @defaultValue its first two characters, and the rest */
  readonly chunks?: readonly string[];
  /** Milliseconds before each piece. */
  readonly chunkDelay?: number;
}

/** A request's body, as far as scripts look at it. */
export interface ModelRequest {
  readonly model?: string;
  readonly stream?: boolean;
  /** Chat completions have `messages`, the Responses API and embeddings `input`. */
  readonly messages?: readonly { readonly role: string; readonly content?: unknown; readonly tool_call_id?: string }[];
  readonly input?: unknown;
  readonly tools?: readonly unknown[];
  readonly [name: string]: unknown;
}

export interface ModelCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: ModelRequest;
  /** Settled once the connection is closed, by either side. */
  readonly closed: Promise<void>;
}

/** The replies in order, of which the last is repeated, or what decides by the request. `n` counts from 0. */
export type ModelScript =
  | readonly ModelReply[]
  | ((request: ModelRequest, n: number) => ModelReply | Promise<ModelReply>);

/**
 * A server on 127.0.0.1 that speaks OpenAI's chat completions, Responses and embeddings and Gemini's generateContent, whole and
 * streamed, and Bedrock's Converse. Its model is
 * `gpt-x-2026`; request n counts 10 + n tokens of prompt and 5 of completion; embeddings count 3.
 */
export interface FakeModels extends AsyncDisposable {
  /** With `/v1`, as clients want it. */
  readonly url: string;
  /** The requests since the last `answer`. */
  readonly calls: readonly ModelCall[];
  /** Tokens that were counted since, of prompt and completion, by every whole answer. */
  readonly counted: { readonly prompt: number; readonly completion: number };
  /** How many pieces of streams were written since. */
  readonly written: number;
  /** Starts over with this script. */
  answer(script: ModelScript): void;
}

const model = 'gpt-x-2026';

export async function startModels(script: ModelScript = [{ text: 'Hello' }]): Promise<FakeModels> {
  let current = new Run(script);
  const server = createServer(
    { keepAliveTimeout: 60_000 },
    (request, response) => void current.serve(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    get calls() {
      return current.calls;
    },
    get counted() {
      return current.counted;
    },
    get written() {
      return current.written;
    },
    answer(next) {
      current = new Run(next);
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is served by one script. */
class Run {
  readonly calls: ModelCall[] = [];
  readonly counted = { prompt: 0, completion: 0 };
  written = 0;
  readonly #script: ModelScript;

  constructor(script: ModelScript) {
    this.#script = script;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const body = JSON.parse(text || '{}') as ModelRequest;
    const path = request.url ?? '';
    const n = this.calls.push({ path, headers: request.headers, body, closed }) - 1;
    const script = this.#script;
    const reply = typeof script === 'function' ? await script(body, n) : (script[Math.min(n, script.length - 1)] ?? {});
    if (reply.delay !== undefined) await wait(reply.delay);
    if (reply.status !== undefined) {
      const error = { message: reply.message ?? 'nope', type: 'invalid_request_error', code: null, param: null };
      return json(response, { error }, reply.status);
    }
    if (path.endsWith('/embeddings')) {
      this.counted.prompt += 3;
      return json(response, embeddings(body));
    }
    const isEmpty = reply.text === undefined && reply.tools === undefined;
    if (isEmpty && reply.hang === true) return;
    if (isEmpty && reply.cut === true) return void response.destroy();
    const isGemini = /:(stream)?generateContent/i.exec(path);
    if (isGemini !== null) {
      return this.#send(response, { ...body, stream: isGemini[1] !== undefined }, reply, n, gemini(reply, n));
    }
    if (path.endsWith('/converse')) return this.#send(response, body, reply, n, converse(reply, n));
    if (path.endsWith('/chat/completions')) return this.#send(response, body, reply, n, chat(reply, n));
    if (path.endsWith('/responses')) return this.#send(response, body, reply, n, responses(reply, n));
    return json(response, { error: { message: `not here: ${path}` } }, 404);
  }

  async #send(response: ServerResponse, body: ModelRequest, reply: ModelReply, n: number, form: Form): Promise<void> {
    const count = () => {
      this.counted.prompt += 10 + n;
      this.counted.completion += 5;
    };
    if (body.stream !== true) {
      if (reply.cut === true) return void response.destroy();
      if (reply.hang === true) return;
      count();
      return json(response, form.whole);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = async (event: string) => {
      if (response.destroyed) return;
      this.written += 1;
      if (!response.write(event)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    };
    for (const { event, isText } of form.begin) {
      if (isText && reply.chunkDelay !== undefined) await wait(reply.chunkDelay);
      await write(event);
    }
    if (reply.hang === true) return;
    if (reply.cut === true) {
      await wait(20); // what was written must have left before the connection goes
      return void response.destroy();
    }
    count();
    for (const event of form.end) await write(event);
    response.end();
  }
}

/** One reply in the form of one API: whole, and as a stream up to its end and from there on. */
export interface Form {
  readonly whole: unknown;
  readonly begin: readonly { readonly event: string; readonly isText?: boolean }[];
  readonly end: readonly string[];
}

function chat({ text, tools, chunks }: ModelReply, n: number): Form {
  const head = { id: `c${n}`, created: 1, model };
  const usage = { prompt_tokens: 10 + n, completion_tokens: 5, total_tokens: 15 + n };
  const calls = tools?.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  const message = { role: 'assistant', content: text ?? null, refusal: null, ...(calls && { tool_calls: calls }) };
  const finish_reason = tools === undefined ? 'stop' : 'tool_calls';
  const chunk = (delta: object, rest: object = {}) =>
    data({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
  return {
    whole: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage },
    begin: [
      { event: chunk({ role: 'assistant', content: '' }) },
      ...pieces(text, chunks).map((content) => ({ event: chunk({ content }), isText: true })),
      ...(calls ?? []).map((call, index) => ({ event: chunk({ tool_calls: [{ index, ...call }] }) })),
    ],
    end: [
      chunk({}, { finish_reason }),
      data({ ...head, object: 'chat.completion.chunk', choices: [], usage }),
      'data: [DONE]\n\n',
    ],
  };
}

function responses({ text, reasoning, tools = [], chunks }: ModelReply, n: number): Form {
  const thought = reasoning !== undefined && {
    id: `rs${n}`,
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: reasoning }],
  };
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [] });
  const said = text !== undefined && {
    id: `m${n}`,
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [part(text)],
  };
  const calls = tools.map(({ id, name, args }) => ({
    id: `fc_${id}`,
    type: 'function_call',
    call_id: id,
    name,
    arguments: JSON.stringify(args),
    status: 'completed',
  }));
  const output = [...(thought ? [thought] : []), ...(said ? [said] : []), ...calls];
  const whole = {
    id: `r${n}`,
    object: 'response',
    created_at: 1,
    status: 'completed',
    model,
    output,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: {
      input_tokens: 10 + n,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15 + n,
    },
  };
  let sequence_number = 0;
  const event = (type: string, rest: object) =>
    `event: ${type}\n${data({ type, sequence_number: sequence_number++, ...rest })}`;
  const begin: { event: string; isText?: boolean }[] = [
    { event: event('response.created', { response: { ...whole, status: 'in_progress', output: [], usage: null } }) },
  ];
  for (const [output_index, item] of output.entries()) {
    const open = item === said ? { ...item, status: 'in_progress', content: [] } : item;
    begin.push({ event: event('response.output_item.added', { output_index, item: open }) });
    const at = { item_id: item.id, output_index };
    if (item === thought) {
      begin.push({
        event: event('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta: reasoning }),
      });
    } else if (item === said) {
      const inPart = { ...at, content_index: 0 };
      begin.push({ event: event('response.content_part.added', { ...inPart, part: part('') }) });
      for (const delta of pieces(text, chunks)) {
        begin.push({ event: event('response.output_text.delta', { ...inPart, delta, logprobs: [] }), isText: true });
      }
    } else {
      const { arguments: delta } = item as (typeof calls)[number];
      begin.push({ event: event('response.function_call_arguments.delta', { ...at, delta }) });
    }
    begin.push({ event: event('response.output_item.done', { output_index, item }) });
  }
  return { whole, begin, end: [event('response.completed', { response: whole })] };
}

function embeddings({ input, encoding_format }: ModelRequest): unknown {
  const inputs = Array.isArray(input) ? input : [input];
  const numbers = new Float32Array([0.5, -1]);
  const embedding = encoding_format === 'base64' ? Buffer.from(numbers.buffer).toString('base64') : [...numbers];
  const list = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', model: 'e-x-2026', data: list, usage: { prompt_tokens: 3, total_tokens: 3 } };
}

export function pieces(text: string | undefined, chunks: readonly string[] | undefined): readonly string[] {
  if (chunks !== undefined) return chunks;
  return text === undefined ? [] : [text.slice(0, 2), text.slice(2)].filter((piece) => piece !== '');
}

export const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

function json(response: ServerResponse, body: unknown, status = 200): void {
  // Clients try again at once.
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' });
  response.end(JSON.stringify(body));
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const once = (response: ServerResponse, event: string) =>
  new Promise<void>((resolve) => response.once(event, () => resolve()));
