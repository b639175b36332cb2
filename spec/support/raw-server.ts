import net, { type AddressInfo, type Socket } from 'node:net';

/** One request, as read from the socket. */
export interface RawRequest {
  /** From 0, in order of arrival. */
  readonly index: number;
  /** Request line and headers. */
  readonly head: string;
  readonly body: string;
  readonly socket: Socket;
}

/** A server that sends raw bytes, for answers that no HTTP library would produce. */
export interface RawServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RawRequest[];
  /** Connections that were opened so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** The backend's answer to `POST /traces`. */
export const accepted = raw('202 Accepted', '{}');

/** An answer with a JSON body. */
export function raw(status: string, body: string, ...headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  return `${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Starts a server on 127.0.0.1. @param onRequest - called when a request has come completely @param onHead - called when its head
 * has come; if it returns `true`, nothing more is read from this connection
 */
export async function startRawServer(
  onRequest: (request: RawRequest) => void,
  onHead?: (head: string, socket: Socket) => boolean,
): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let got = Buffer.alloc(0);
    let isSeen = false;
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      for (;;) {
        const end = got.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = got.subarray(0, end).toString();
        if (!isSeen && onHead?.(head, socket) === true) {
          socket.pause();
          return;
        }
        isSeen = true;
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (got.length < end + 4 + length) return;
        const body = got.subarray(end + 4, end + 4 + length).toString();
        got = got.subarray(end + 4 + length);
        isSeen = false;
        const request = { index: requests.length, head, body, socket };
        requests.push(request);
        onRequest(request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
