import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A received request. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** How many requests with the same path and body came before. */
  readonly before: number;
}

/** An answer of the provider. */
export type Answer =
  | {
      readonly kind: 'json';
      readonly body: unknown;
      readonly status?: number;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'text'; readonly text: string; readonly type?: string; readonly status?: number }
  | {
      /** Server-sent events; named after their `type` where `named`. */
      readonly kind: 'sse';
      readonly events: readonly unknown[];
      readonly named?: boolean;
      /** Whether `[DONE]` follows. */
      readonly done?: boolean;
      /** What happens after the events: the response ends, nothing more comes, or the connection is cut. */
      readonly after?: 'end' | 'stall' | 'cut';
    }
  | {
      readonly kind: 'bytes';
      readonly chunks: readonly Uint8Array[];
      readonly type: string;
      readonly after?: 'end' | 'stall' | 'cut';
    }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection without an answer. */
  | { readonly kind: 'cut' };

/** A local server that speaks a provider's wire format. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly Seen[];
  forget(): void;
}

/** Starts a provider on a free port; `answer` decides by the request. */
export async function startProvider(answer: (request: Seen) => Answer): Promise<Provider> {
  const seen: Seen[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const asked = await read(request, seen);
    seen.push(asked);
    reply(response, answer(asked));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    get seen() {
      return seen;
    },
    forget: () => {
      seen.length = 0;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage, earlier: readonly Seen[]): Promise<Seen> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const path = request.url ?? '';
  const same = earlier.filter((other) => other.path === path && JSON.stringify(other.body) === text);
  const isJson = /json/.test(request.headers['content-type'] ?? '');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
  return { method: request.method ?? '', path, headers: request.headers, body, before: same.length };
}

function reply(response: ServerResponse, answer: Answer): void {
  response.sendDate = false; // some clients show the headers, and two runs are compared
  switch (answer.kind) {
    case 'json':
      response.writeHead(answer.status ?? 200, {
        'content-type': 'application/json',
        'x-request-id': 'req_1',
        'request-id': 'req_1',
        ...answer.headers,
      });
      response.end(JSON.stringify(answer.body));
      return;
    case 'text':
      response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' });
      response.end(answer.text);
      return;
    case 'sse': {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1', 'request-id': 'req_1' });
      const lines = answer.events.map((event) => eventText(event, answer.named === true));
      const done = answer.done === true ? ['data: [DONE]\n\n'] : [];
      finish(response, [...lines, ...done], answer.after);
      return;
    }
    case 'bytes':
      response.writeHead(200, { 'content-type': answer.type });
      finish(response, answer.chunks, answer.after);
      return;
    case 'hang':
      return;
    case 'cut':
      response.destroy();
  }
}

function eventText(event: unknown, isNamed: boolean): string {
  const data = `data: ${JSON.stringify(event)}\n\n`;
  return isNamed ? `event: ${(event as { type: string }).type}\n${data}` : data;
}

/** Writes the pieces one after the other, then ends, stalls or cuts. */
function finish(response: ServerResponse, pieces: readonly (string | Uint8Array)[], after: string = 'end'): void {
  const write = (at: number) => {
    const piece = pieces[at];
    if (piece !== undefined) response.write(piece, () => setImmediate(write, at + 1));
    else if (after === 'end') response.end();
    // The written data must have been sent before the connection is destroyed.
    else if (after === 'cut') setTimeout(() => response.destroy(), 20);
  };
  write(0);
}
