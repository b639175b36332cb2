// A fake provider in this process, so that the samples need no key and no network. It answers the plain calls of every provider,
// and streams where a sample needs it.
import { createServer } from 'node:http';

const text = 'It is 21 °C in Lisbon.';

/** Answers by the end of the path; a list is sent as server-sent events. */
function answer(path: string, isStreamed: boolean): unknown {
  if (path.endsWith('/chat/completions') && isStreamed) return chunks;
  if (path.endsWith('/chat/completions')) return completion;
  if (path.endsWith('/embeddings')) return embedding;
  if (path.endsWith('/messages')) return message;
  if (path.includes(':generateContent')) return content;
  if (path.endsWith('/converse')) return converse;
  return { error: { message: `nothing to say about ${path}` } };
}

const head = { id: 'c1', created: 1, model: 'model-2026' };
const counts = { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 };
const completion = {
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: counts,
};
const chunk = (delta: object, finish_reason: string | null, usage?: object) => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
  ...(usage === undefined ? {} : { usage }),
});
const chunks = [
  chunk({ role: 'assistant', content: 'It is 21 °C ' }, null),
  chunk({ content: 'in Lisbon.' }, 'stop', counts),
];
const embedding = {
  object: 'list',
  model: 'embed-2026',
  data: [
    { object: 'embedding', index: 0, embedding: Buffer.from(new Float32Array([0.5, 0.25]).buffer).toString('base64') },
  ],
  usage: { prompt_tokens: 3, total_tokens: 3 },
};
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'model-2026',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 9 },
};
const content = {
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
  modelVersion: 'model-2026',
  usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 6, thoughtsTokenCount: 3, totalTokenCount: 21 },
};
const converse = {
  output: { message: { role: 'assistant', content: [{ text }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 12, outputTokens: 9, totalTokens: 21 },
};

/** The address of the provider; it ends with the process. */
export async function startFake(): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const found = answer(request.url ?? '', body.includes('"stream":true'));
    response.writeHead(200, { 'content-type': Array.isArray(found) ? 'text/event-stream' : 'application/json' });
    const lines = Array.isArray(found) ? [...found.map((each) => JSON.stringify(each)), '[DONE]'] : [];
    response.end(Array.isArray(found) ? lines.map((line) => `data: ${line}\n\n`).join('') : JSON.stringify(found));
  });
  // Neither the server nor an open connection keeps the program alive.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
