// A model in this process, so that the samples run with no key and no network. It calls one tool, the first it is offered
// unless it is told which, then says what a sample waits for. It speaks OpenAI's chat completions, whole and streamed.
import { createServer } from 'node:http';

const text = 'It is 21 °C in Lisbon.';
const usage = { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 };
let answers = 0;

interface Asked {
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream?: boolean;
}

function reply({ messages, tools, stream }: Asked, tool: string | undefined): object | readonly object[] {
  answers += 1; // LangGraph replaces a message by one of the same id
  const head = { id: `c${answers}`, created: 1, model: 'model-2026' };
  const offered = tool ?? tools?.[0]?.function.name;
  const name = messages.some(({ role }) => role === 'tool') ? undefined : offered;
  const call = { index: 0, id: 't1', type: 'function', function: { name, arguments: '{"city":"Lisbon"}' } };
  const said = name === undefined ? { content: text } : { content: null, tool_calls: [call] };
  const message = { role: 'assistant', ...said };
  const finish_reason = name === undefined ? 'stop' : 'tool_calls';
  const whole = { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage };
  if (stream !== true) return whole;
  const chunk = { ...head, object: 'chat.completion.chunk' };
  return [
    { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }] },
    { ...chunk, choices: [], usage },
  ];
}

/** The address of the model, as OpenAI's clients want it; it ends with the process. */
export async function startModel(tool?: string): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const found = reply(JSON.parse(body) as Asked, tool);
    response.writeHead(200, { 'content-type': Array.isArray(found) ? 'text/event-stream' : 'application/json' });
    const lines = Array.isArray(found) ? [...found.map((each) => JSON.stringify(each)), '[DONE]'] : [];
    response.end(Array.isArray(found) ? lines.map((line) => `data: ${line}\n\n`).join('') : JSON.stringify(found));
  });
  server.unref().on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
}
