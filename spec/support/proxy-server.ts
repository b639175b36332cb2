import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pair } from './certificates.js';

/** A request to a proxy. */
export interface Proxied {
  /** Such as `POST http://backend.invalid/traces` or `CONNECT backend.invalid:443`. */
  readonly asked: string;
  /** Value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
}

/** An HTTP proxy on 127.0.0.1 that forwards everything to one port, whichever host is requested. */
export interface ProxyServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly Proxied[];
  /** While set, the status with which every request is refused. */
  refusal: number | undefined;
}

/**
 * Starts a proxy.
 * @param to - port of the server that stands for every host
 * @param isSecure - whether clients connect to the proxy over TLS
 */
export async function startProxy(to: number, isSecure = false): Promise<ProxyServer> {
  const requests: Proxied[] = [];
  const open = new Set<Duplex>();
  const note = ({ method = '', url = '', headers }: http.IncomingMessage) =>
    requests.push({ asked: `${method} ${url}`, authorization: headers['proxy-authorization'], headers });
  const onRequest: http.RequestListener = (request, response) => {
    note(request);
    if (proxy.refusal !== undefined) {
      response.writeHead(proxy.refusal, { 'Content-Type': 'text/html' }).end('<h1>Proxy says no');
      return;
    }
    const { pathname, search } = new URL(request.url ?? '');
    const { method, headers } = request;
    const onward = http.request({ port: to, host: '127.0.0.1', method, headers, path: pathname + search }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const server = isSecure ? https.createServer(pair('server'), onRequest) : http.createServer(onRequest);
  server.on('connection', (socket: Duplex) => open.add(socket));
  server.on('connect', (request: http.IncomingMessage, socket: Duplex) => {
    note(request);
    socket.on('error', () => {});
    if (proxy.refusal !== undefined) {
      socket.end(`HTTP/1.1 ${proxy.refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = net.connect(to, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  const proxy: ProxyServer = { port, requests, refusal: undefined, [Symbol.asyncDispose]: close };
  return proxy;
}
