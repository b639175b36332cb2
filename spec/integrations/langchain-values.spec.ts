import { expect } from 'chai';
import { session, user } from '../../lib/index.js';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { langChainScene } from './support/langchain-scene.js';

describe('Values of LangChain steps', () => {
  const scene = langChainScene();
  let runnables: typeof import('@langchain/core/runnables');

  before(async () => {
    runnables = await import('@langchain/core/runnables');
  });

  /** Runs a step that gives back what it got. */
  async function recordedOf(value: object, handler = new LangChainCallbackHandler()): Promise<unknown> {
    await runnables.RunnableLambda.from((given: unknown) => given).invoke(value, { callbacks: [handler] });
    scene.tree(); // ships
    return scene.recorded.spans[0]?.input;
  }

  it('are read once, so that getters run once', async () => {
    let reads = 0;
    const row = {
      get total() {
        reads += 1;
        return { in: reads };
      },
    };
    const input = await recordedOf({ rows: [row] }, new LangChainCallbackHandler({ captureOutput: false }));
    expect(input).to.deep.equal({ rows: [{ total: { in: 1 } }] });
    expect(reads).to.equal(1);
  });

  it('are not read if they are not recorded', async () => {
    let reads = 0;
    const row = {
      get total() {
        reads += 1;
        return reads;
      },
    };
    const silent = new LangChainCallbackHandler({ captureInput: false, captureOutput: false });
    expect(await recordedOf({ rows: [row] }, silent)).to.equal(undefined);
    expect(reads).to.equal(0);
  });

  it('keep an object that occurs in many places, and end at one inside itself', async () => {
    const shared = { city: 'Porto', at: { lat: 41 } };
    const state: Record<string, unknown> = { rows: Array.from({ length: 200 }, () => shared) };
    state.self = state;
    const input = await recordedOf(state);
    expect(input).to.deep.equal({ rows: Array.from({ length: 200 }, () => shared), self: '[Circular]' });
  });

  it('keep the fields beside a getter that throws, and the size of bytes', async () => {
    const input = await recordedOf({
      a: 1,
      data: 'A'.repeat(4000),
      get b(): never {
        throw new TypeError('not now');
      },
    });
    expect(input).to.deep.equal({ a: 1, data: '[3000 bytes]', b: '[Throws: not now]' });
  });

  for (const [what, messages] of [
    ['a text', 'How warm?'],
    ['a list of texts', ['Hi', 'How warm?']],
    [
      'pairs of a role and a text',
      [
        ['human', 'Hi'],
        ['ai', 'Yes?'],
        ['human', 'How warm?'],
      ],
    ],
    ['pairs with a part', [['user', [{ type: 'text', text: 'How warm?' }]]]],
  ] as const) {
    it(`that are messages are one in the trace, if the program writes ${what}`, async () => {
      expect(await recordedOf({ messages, city: 'Porto' })).to.deep.equal({ messages, city: 'Porto' });
      const content = what === 'pairs with a part' ? [{ type: 'text', text: 'How warm?' }] : 'How warm?';
      expect(scene.recorded.trace.input).to.deep.equal({ messages: [{ role: 'user', content }] });
    });
  }

  it('that only have a field called messages stay as they are', async () => {
    const counts = { messages: 3 };
    await recordedOf(counts);
    expect(scene.recorded.trace.input).to.deep.equal(counts);
  });
});

describe('The trace of a LangChain run', () => {
  const scene = langChainScene();
  let runnables: typeof import('@langchain/core/runnables');
  before(async () => {
    runnables = await import('@langchain/core/runnables');
  });

  type Options = ConstructorParameters<typeof LangChainCallbackHandler>[0];
  async function traceOf(metadata: Record<string, unknown>, options: Options = {}, more: object = {}) {
    const callbacks = [new LangChainCallbackHandler(options)];
    await runnables.RunnableLambda.from(() => 1).invoke('a', { callbacks, metadata, ...more });
    scene.tree(); // ships
    return scene.recorded.trace;
  }

  const sessions: readonly (readonly [
    title: string,
    metadata: Record<string, unknown>,
    options: Options,
    scope: string | undefined,
    sessionId: string | undefined,
  ])[] = [
    ['none', {}, {}, undefined, undefined],
    ['that of the thread', { thread_id: 't' }, {}, undefined, 't'],
    ['a number', { thread_id: 7 }, {}, undefined, '7'],
    ['none where it is no name', { thread_id: { id: 7 } }, {}, undefined, undefined],
    ['its own before the thread', { thread_id: 't', session_id: 's' }, {}, undefined, 's'],
    ['that of the code around it before', { session_id: 's' }, {}, 'around', 'around'],
    ['that of the handler first', { session_id: 's' }, { sessionId: 'mine' }, 'around', 'mine'],
  ];
  for (const [title, metadata, options, around, sessionId] of sessions)
    it(`has as its session: ${title}`, async () => {
      const run = () => traceOf(metadata, options);
      const trace = await (around === undefined ? run() : session(around, run));
      expect(trace.sessionId).to.equal(sessionId);
      expect(trace.metadata).not.to.have.any.keys('thread_id', 'session_id');
    });

  const users: readonly (readonly [given: unknown, options: Options, around: string | undefined, id: unknown])[] = [
    [undefined, {}, undefined, undefined],
    ['u', {}, undefined, 'u'],
    [7, {}, undefined, '7'],
    ['u', {}, 'around', 'around'],
    ['u', { userId: 'mine' }, 'around', 'mine'],
  ];
  for (const [user_id, options, around, userId] of users)
    it(`has the user ${userId}, with ${user_id} in the metadata and ${around} around it`, async () => {
      const run = () => traceOf({ user_id }, options);
      const trace = await (around === undefined ? run() : user(around, run));
      expect(trace.userId).to.equal(userId);
      expect(trace.metadata).not.to.have.property('user_id');
    });

  it('has the tags and metadata of the program, without those of the framework and without credentials', async () => {
    const options = { tags: ['a', 'both'], metadata: { team: 'handler' } };
    const metadata = { team: 'run', release: 'r', ls_provider: 'x', __pregel: 1, versions: {}, api_key: 'S3CRET' };
    const { tags, metadata: kept } = await traceOf(metadata, options, {
      tags: ['both', 'b', 'seq:step:1', 'langsmith:x'],
    });
    expect(tags).to.deep.equal(['a', 'both', 'b']);
    expect(kept)
      .to.include({ team: 'handler', release: 'r' })
      .and.not.have.any.keys('ls_provider', '__pregel', 'versions');
    expect(scene.recorded.text).not.to.include('S3CRET');
  });
});
