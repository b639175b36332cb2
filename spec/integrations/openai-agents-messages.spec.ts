import { expect } from 'chai';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { openAIAgentsScene } from './support/openai-agents-scene.js';

const base64 = Buffer.alloc(3000).toString('base64');
const pdf = { type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 3000 };

/** Each part of a message as the framework has it, and as it is recorded. */
const parts: readonly (readonly [written: object, recorded: object])[] = [
  [
    { type: 'input_text', text: 'a' },
    { type: 'text', text: 'a' },
  ],
  [
    { type: 'input_image', image: 'https://a/b' },
    { type: 'image', url: 'https://a/b' },
  ],
  [
    { type: 'input_image', image: `data:image/png;base64,${base64}` },
    { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
  ],
  [
    { type: 'input_image', image: base64 },
    { type: 'image', size_bytes: 3000 },
  ],
  [
    { type: 'input_image', image: { id: 'f-1' } },
    { type: 'image', id: 'f-1' },
  ],
  [
    { type: 'input_file', file: 'https://a/b' },
    { type: 'file', url: 'https://a/b' },
  ],
  [
    { type: 'input_file', file: { url: 'https://a/b' }, filename: 'a.pdf' },
    { type: 'file', name: 'a.pdf', url: 'https://a/b' },
  ],
  [
    { type: 'input_file', file: { id: 'f-1' } },
    { type: 'file', id: 'f-1' },
  ],
  [{ type: 'input_file', file: `data:application/pdf;base64,${base64}`, filename: 'a.pdf' }, pdf],
  [
    { type: 'input_file', file: base64, filename: 'a.bin' },
    { type: 'file', name: 'a.bin', size_bytes: 3000 },
  ],
];

describe('Messages of OpenAI Agents', () => {
  const scene = openAIAgentsScene();
  let adapter: OpenAIAgentsAdapter;
  beforeEach(async () => {
    adapter = new OpenAIAgentsAdapter();
    expect(await adapter.instrument()).to.equal(true);
  });

  /** What is recorded of the input of the model and of the agent around it; the provider may take no such part. */
  async function asked(input: readonly object[]): Promise<readonly unknown[]> {
    const modelProvider = new scene.agents.OpenAIProvider({
      openAIClient: scene.openAI() as never,
      useResponses: true,
    });
    scene.answer([{ text: 'Yes' }]);
    await new scene.agents.Runner({ modelProvider }).run(scene.agent('boss'), input as never).catch(() => {});
    const spans = scene.recorded.spans.filter(({ kind }) => kind === 'LLM' || kind === 'AGENT');
    expect(spans).to.have.length(2);
    return spans.map(({ input }) => (input as { messages: unknown } | undefined)?.messages);
  }

  for (const [written, recorded] of parts)
    it(`have ${JSON.stringify(written).slice(0, 60)} as ${JSON.stringify(recorded)}`, async () => {
      const said = { type: 'text', text: 'Look' };
      const { type, text } = recorded as { readonly type: string; readonly text?: string };
      const content = type === 'text' ? `Look\n${text}` : [said, recorded];
      const messages = [{ role: 'user', content }];
      const question = { role: 'user', content: [{ type: 'input_text', text: 'Look' }, written] };
      expect(await asked([question])).to.deep.equal([messages, messages]);
    });

  it('have the results of tools, in every form', async () => {
    const call = (callId: string) => ({
      type: 'function_call',
      callId,
      name: 'w',
      arguments: '{}',
      status: 'completed',
    });
    const result = (callId: string, output: unknown) => ({
      ...{ type: 'function_call_result', callId, name: 'w', status: 'completed', output },
    });
    const image = { type: 'image', url: 'https://a/b' };
    const input = [
      { role: 'user', content: 'Hi' },
      ...['c1', 'c2', 'c3', 'c4'].map(call),
      result('c1', { type: 'text', text: 'cold' }),
      result('c2', 'cold'),
      result('c3', [
        { type: 'input_text', text: 'cold' },
        { type: 'input_image', image: 'https://a/b' },
      ]),
      result('c4', { type: 'image', image: 'https://a/b' }),
    ];
    const [messages] = (await asked(input)) as [readonly { readonly role: string }[]];
    expect(messages.filter(({ role }) => role === 'tool')).to.deep.equal([
      { role: 'tool', tool_call_id: 'c1', name: 'w', content: 'cold' },
      { role: 'tool', tool_call_id: 'c2', name: 'w', content: 'cold' },
      { role: 'tool', tool_call_id: 'c3', name: 'w', content: [{ type: 'text', text: 'cold' }, image] },
      { role: 'tool', tool_call_id: 'c4', name: 'w', content: [image] },
    ]);
  });
});
