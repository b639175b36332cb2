import type * as Strands from '@strands-agents/sdk';
import { expect } from 'chai';
import { pandaProbePlugin } from '../../lib/integrations/strands.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';
import { type FakeModels, startModels } from './support/fake-models.js';
import { needFrameworks } from './support/installed.js';

const bytes = new Uint8Array(3000);
const text = 'It is 42';
const image = { type: 'image', mime_type: 'image/png', size_bytes: 3000 };

/** Each block of a question as plain data, and as it is recorded; nothing, if it is none. */
const blocks: readonly (readonly [block: Strands.ContentBlockData, recorded: object | undefined])[] = [
  [{ text }, { type: 'text', text }],
  [{ image: { format: 'png', source: { bytes } } }, image],
  [
    { image: { format: 'jpg', source: { url: 'https://a/b' } } },
    { type: 'image', mime_type: 'image/jpeg', url: 'https://a/b' },
  ],
  [
    { video: { format: 'mp4', source: { location: { type: 's3', uri: 's3://films/1.mp4' } } } },
    { type: 'video', mime_type: 'video/mp4', url: 's3://films/1.mp4' },
  ],
  [{ audio: { format: 'wav', source: { bytes } } }, { type: 'audio', mime_type: 'audio/wav', size_bytes: 3000 }],
  [
    { document: { name: 'a', format: 'pdf', source: { bytes } } },
    { type: 'file', mime_type: 'application/pdf', name: 'a', size_bytes: 3000 },
  ],
  [{ document: { name: 'a', format: 'txt', source: { text } } }, { type: 'file', name: 'a', content: text }],
  [
    { document: { name: 'a', format: 'txt', source: { content: [{ text }, { text: 'or 43' }] } } },
    { type: 'file', name: 'a', content: `${text}\nor 43` },
  ],
  [{ guardContent: { text: { text, qualifiers: ['query'] } } }, { type: 'text', text }],
  [{ guardContent: { image: { format: 'png', source: { bytes } } } }, image],
  [{ cachePoint: { cacheType: 'default' } }, undefined],
];

describe('Messages of Strands', () => {
  let strands: typeof Strands;
  let chat: typeof import('@strands-agents/sdk/models/openai');
  let models: FakeModels;
  let recorded: Recorded;
  before(async function () {
    needFrameworks(this);
    strands = await import('@strands-agents/sdk');
    chat = await import('@strands-agents/sdk/models/openai');
    models = await startModels();
  });
  after(() => models?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(() => stopRecording());

  /** What is recorded of an agent's question, and of that which its model gets; the model may take no such block. */
  async function asked(args: Strands.InvokeArgs): Promise<readonly unknown[]> {
    const model = new chat.OpenAIModel({
      api: 'chat',
      modelId: 'gpt-x',
      apiKey: 'k',
      clientConfig: { baseURL: models.url },
    });
    const agent = new strands.Agent({ model, printer: false, plugins: [pandaProbePlugin()] });
    models.answer([{ text: 'Yes' }]);
    await agent.invoke(args).catch(() => {});
    const spans = recorded.spans.filter(({ kind }) => kind === 'AGENT' || kind === 'LLM');
    expect(spans).to.have.length(2);
    return spans.map(({ input }) => (input as { messages: unknown }).messages);
  }

  for (const [block, part] of blocks) {
    const [kind] = Object.keys(block);
    for (const form of ['data', 'an object'] as const)
      it(`have ${kind} as ${JSON.stringify(part) ?? 'nothing'}, given as ${form}`, async () => {
        const said = { type: 'text', text: 'Look' };
        const written = [{ text: 'Look' }, block];
        const given = form === 'data' ? written : written.map((each) => strands.contentBlockFromData(each));
        const { type, text: own } = (part ?? {}) as { readonly type?: string; readonly text?: string };
        const one = type === 'text' ? `Look\n${own}` : [said, part];
        const messages = [{ role: 'user', content: part === undefined ? 'Look' : one }];
        expect(await asked(given as Strands.InvokeArgs)).to.deep.equal([messages, messages]);
      });
  }

  it('have the results of tools first, and mark failed tools', async () => {
    const question = {
      role: 'user' as const,
      content: [
        { text: 'Go on' },
        { toolResult: { toolUseId: 't1', status: 'success' as const, content: [{ text: 'a' }, { json: { b: 2 } }] } },
        { toolResult: { toolUseId: 't2', status: 'error' as const, content: [{ text: 'no' }] } },
      ],
    };
    const uses = ['t1', 't2'].map((toolUseId) => ({ toolUse: { toolUseId, name: 'w', input: {} } }));
    const call = (id: string) => ({ id, type: 'function', function: { name: 'w', arguments: '{}' } });
    const messages = [
      { role: 'assistant', content: null, tool_calls: [call('t1'), call('t2')] },
      { role: 'tool', tool_call_id: 't1', content: ['a', { b: 2 }] },
      { role: 'tool', tool_call_id: 't2', content: 'no', is_error: true },
      { role: 'user', content: 'Go on' },
    ];
    expect(await asked([{ role: 'assistant', content: uses }, question])).to.deep.equal([messages, messages]);
  });
});
