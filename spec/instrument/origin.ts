import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of HTTP clients' specs, which counts what it is asked. */
export async function startOrigin() {
  const asked: string[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"a":', () => response.destroy());
    } else if (request.url === '/none') response.writeHead(204).end();
    else if (request.url === '/odd') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    else {
      const status = request.url === '/404' ? 404 : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"a":1}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
