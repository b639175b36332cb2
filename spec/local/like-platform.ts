import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address of a server that has the platform's calls alone. */
export interface LikePlatform extends AsyncDisposable {
  readonly url: string;
  /** The paths that were asked for, with their parameters. */
  readonly asked: string[];
}

/** Starts it: it asks a local server, and knows nothing of the calls that only that one has. */
export async function likePlatform(local: string): Promise<LikePlatform> {
  const asked: string[] = [];
  const server = http.createServer(async (request, response) => {
    const { method = 'GET', url = '' } = request;
    asked.push(url);
    if (url.startsWith('/local/')) return void response.writeHead(404).end('{"detail":"Not Found"}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const names = ['x-api-key', 'x-project-name', 'content-type'];
    const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name] ?? '')]));
    const body = chunks.length === 0 ? null : Buffer.concat(chunks);
    const answer = await fetch(local + url, { method, headers, body });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
