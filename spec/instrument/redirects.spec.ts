import { expect } from 'chai';
import { init, MemorySink, shutdown, span, trace, withSpan, withTrace } from '../../lib/index.js';

/** What frameworks throw to leave a function, not because it has failed. */
const redirects: Readonly<Record<string, () => unknown>> = {
  // React Router and TanStack Router throw a response.
  'a response': () => new Response(null, { status: 302, headers: { location: '/chat/7' } }),
  // SvelteKit throws its class `Redirect`.
  'an object with status and location': () => ({ status: 303, location: '/chat/7' }),
  "Next.js's error": () => digested('NEXT_REDIRECT;push;/chat/7;307;'),
  // Next.js throws these where a page that it builds ahead asks for something of a request.
  'the end of rendering a page ahead': () => digested('DYNAMIC_SERVER_USAGE'),
  'the end of rendering a page ahead, of part of it': () => digested('NEXT_PRERENDER_INTERRUPTED'),
  'the end of rendering a page ahead, of what still waits': () => digested('HANGING_PROMISE_REJECTION'),
};

/** An error of Next.js, which it tells apart by its digest. */
function digested(digest: string): Error {
  return Object.assign(new Error('of Next.js'), { digest });
}

/** What is thrown because something failed. */
const failures: Readonly<Record<string, () => unknown>> = {
  'a response': () => new Response(null, { status: 404 }),
  'an error of a client that was redirected': () => Object.assign(new Error('too many redirects'), { status: 302 }),
  'an error to which Next.js has given a number': () => digested('2437911'),
  "Next.js's error of a missing page": () => digested('NEXT_HTTP_ERROR_FALLBACK;404'),
  'an object whose status cannot be read': () => ({
    get status(): number {
      throw new Error('a getter');
    },
  }),
};

class Chat {
  @trace({ name: 'chat' }) async open(thrown: unknown): Promise<void> {
    await this.answer(thrown);
  }
  @span() async answer(thrown: unknown): Promise<never> {
    throw thrown;
  }
}

describe('Control flow that is thrown', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown());

  /** The statuses of a trace and its span, after `thrown` came through them; the program must get the same. */
  async function statuses(thrown: unknown, run: (thrown: unknown) => unknown): Promise<string> {
    const rejected = await Promise.resolve()
      .then(() => run(thrown))
      .catch((error: unknown) => error);
    expect(rejected).to.equal(thrown);
    const [recorded] = memory.traces;
    return `${recorded?.status} ${recorded?.spans[0]?.status}`;
  }

  for (const [what, make] of Object.entries(redirects)) {
    it(`is no error of what it passes through, in callbacks: ${what}`, async () => {
      const run = (thrown: unknown) =>
        withTrace('action', () =>
          withSpan('save', () => {
            throw thrown;
          }),
        );
      expect(await statuses(make(), run)).to.equal('COMPLETED OK');
      expect(memory.traces[0]?.spans[0]).to.include({ error: undefined });
      expect(memory.traces[0]?.metadata).to.deep.equal({});
    });

    it(`is no error of what it passes through, in decorated methods: ${what}`, async () => {
      expect(await statuses(make(), (thrown) => new Chat().open(thrown))).to.equal('COMPLETED OK');
    });
  }

  for (const [what, make] of Object.entries(failures)) {
    it(`is not mistaken for one: ${what}`, async () => {
      expect(await statuses(make(), (thrown) => new Chat().open(thrown))).to.equal('ERROR ERROR');
    });
  }
});
