// Gemini in this process, so that the sample runs with no key and no network: it calls the tool forecast, then says what the
// sample waits for.
import { createServer } from 'node:http';

const usageMetadata = { promptTokenCount: 12, candidatesTokenCount: 9, totalTokenCount: 21 };

/** The address of the model, as Google's client wants it; it ends with the process. */
export async function startGemini(): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const isAnswered = body.includes('functionResponse');
    const call = { functionCall: { id: 't1', name: 'forecast', args: { city: 'Lisbon' } } };
    const parts = [isAnswered ? { text: 'It is 21 °C in Lisbon.' } : call];
    const candidates = [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ candidates, usageMetadata }));
  });
  server.unref().on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
