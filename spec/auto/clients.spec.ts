import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { startProviders } from './providers.js';
import { auto, program, type Ran, run, sentTo } from './ran.js';

const openai = [...Array<string>(5).fill('openai-chat'), 'openai-response'].map((name) => `${name}(${name})`);
const clients: readonly (readonly [client: string, trees: readonly string[]])[] = [
  ['openai=openai', openai],
  ['openai=openai-newest', openai],
  ['anthropic=@anthropic-ai/sdk', ['anthropic-messages(anthropic-messages)']],
  ['gemini=@google/genai', ['gemini-generate(gemini-generate)']],
  ['gemini=genai-newest', ['gemini-generate(gemini-generate)']],
  [
    'bedrock=@aws-sdk/client-bedrock-runtime',
    ['bedrock-converse(bedrock-converse)', 'bedrock-converse(bedrock-converse)'],
  ],
];
const olderClients = clients.filter(([client]) => !client.endsWith('-newest'));
const mistral = ['mistral=@mistralai/mistralai', ['mistral-chat(mistral-chat)']] as const;
/** Before 22.15 nothing sees an ES module that is loaded by `require()`, and Mistral's is one. */
const hasHooks = 'registerHooks' in process.getBuiltinModule('node:module');

describe('A program that knows nothing of tracing', function () {
  this.timeout(180_000); // clients are loaded by many processes
  let receiver: Receiver;
  let providers: Awaited<ReturnType<typeof startProviders>>;
  before(async () => {
    providers = await startProviders();
  });
  after(() => providers?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver?.close());

  const asked = (some: readonly (readonly [string, unknown])[]) =>
    some.map(([client]) => `${client}=${providers.urls[client.split('=')[0] ?? '']}`);
  const trees = () => receiver.traces.map(treeOf).toSorted();

  for (const [kind, used] of [
    ['mjs', [...clients, mistral]],
    ['cjs', hasHooks ? [...olderClients, mistral] : olderClients],
  ] as const) {
    it(`has every client of its ${kind} modules recorded, and its output is the same as without`, async () => {
      const args = [program(`clients.${kind}`), ...asked(used)];
      const [bare, recorded] = await Promise.all([run(args), run([...auto, ...args], sentTo(receiver))]);
      expect(known(recorded)).to.deep.equal(known(bare));
      expect(bare.code, bare.stderr).to.equal(0);
      expect(trees()).to.deep.equal(used.flatMap(([, expected]) => expected).toSorted());
    });
  }

  it('is recorded once where it wraps clients by hand, loads the hooks twice, and runs in threads and forked processes', async () => {
    const args = [...auto, program('by-hand.mjs'), providers.urls.openai ?? ''];
    const { code, stdout, stderr } = await run(args, { ...sentTo(receiver), NODE_OPTIONS: auto.join(' ') });
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: 'main\nthread\nforked\n', stderr: '' });
    expect(trees()).to.deep.equal(['forked(openai-chat)', 'main(openai-chat)', 'thread(openai-chat)']);
  });

  it('has only the packages recorded that PANDAPROBE_AUTO names, and is warned of unknown names', async () => {
    const some = clients.filter(([client]) => /openai=openai$|anthropic/.test(client));
    const env = { ...sentTo(receiver), PANDAPROBE_AUTO: 'Anthropic, opneai' };
    const { code, stderr } = await run([...auto, program('clients.mjs'), ...asked(some)], env);
    expect(code, stderr).to.equal(0);
    expect(stderr.trim()).to.match(/^\[pandaprobe\] warning: PANDAPROBE_AUTO: expected .*, got opneai; .*$/);
    expect(trees()).to.deep.equal(['anthropic-messages(anthropic-messages)']);
  });

  it('is told once that nothing is configured, but not if PANDAPROBE_ENABLED is false', async () => {
    const args = [...auto, program('clients.mjs'), ...asked(clients.slice(1, 2))];
    const bare = await run(args.slice(auto.length));
    const [unset, off] = await Promise.all([run(args), run(args, { PANDAPROBE_ENABLED: 'false' })]);
    expect(off).to.deep.equal(bare);
    expect({ ...unset, stderr: '' }).to.deep.equal(bare);
    expect(unset.stderr.trim().split('\n')).to.have.lengthOf(1);
    expect(unset.stderr).to.include('auto: no API key and no project name, so nothing is recorded');
  });

  it('is recorded if it first reads its settings from a file', async () => {
    const args = [...auto, program('late-settings.mjs'), providers.urls.openai ?? '', receiver.url];
    const { code, stderr } = await run(args);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(trees()).to.deep.equal(['openai-chat(openai-chat)']);
  });

  it('keeps its exit code, its signal, and the error that it ends with', async () => {
    const ways = [
      'process.exit(7)',
      "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9e4)",
      'throw new Error("mine")',
    ];
    for (const way of ways) {
      const args = ['--input-type=module', '-e', `await import('openai');console.log(1);${way}`];
      const [bare, recorded] = await Promise.all([run(args), run([...auto, ...args], sentTo(receiver))]);
      expect(recorded, way).to.deep.equal(bare);
      expect(bare.code, way).to.not.equal(0);
    }
  });
});

/** Without what AWS prints of older Nodes, which names the process. */
function known({ stderr, ...ran }: Ran): Ran {
  return { ...ran, stderr: /NodeVersionSupportWarning/.test(stderr) ? '' : stderr };
}
