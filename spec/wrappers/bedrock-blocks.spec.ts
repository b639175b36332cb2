import { type BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { bare } from './support/clients.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';

type Message = NonNullable<ConverseCommandInput['messages']>[number];

const bytes = noise(3000);
const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5 };

/** Each content block of a question, and the part that is recorded of it; nothing, if it is none. */
const blocks: readonly (readonly [block: object, part: object | undefined])[] = [
  [{ image: { format: 'png', source: { bytes } } }, { type: 'image', mime_type: 'image/png', size_bytes: 3000 }],
  [
    { video: { format: 'mp4', source: { s3Location: { uri: 's3://films/1.mp4' } } } },
    { type: 'video', mime_type: 'video/mp4', url: 's3://films/1.mp4' },
  ],
  [{ audio: { format: 'wav', source: { bytes } } }, { type: 'audio', mime_type: 'audio/wav', size_bytes: 3000 }],
  [
    { document: { format: 'pdf', name: 'report', source: { bytes } } },
    { type: 'file', mime_type: 'application/pdf', name: 'report', size_bytes: 3000 },
  ],
  [
    { document: { format: 'txt', name: 'note', source: { text: 'It is 42' } } },
    { type: 'file', name: 'note', content: 'It is 42' },
  ],
  [
    { document: { name: 'note', source: { content: [{ text: 'It is 42' }] } } },
    { type: 'file', name: 'note', content: [{ text: 'It is 42' }] },
  ],
  [{ document: { name: 'note', source: { bytes } } }, { type: 'file', name: 'note', size_bytes: 3000 }],
  [{ guardContent: { text: { text: 'Is it?', qualifiers: ['query'] } } }, { type: 'text', text: 'Is it?' }],
  [
    { guardContent: { image: { format: 'png', source: { bytes } } } },
    { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
  ],
  [{ citationsContent: { content: [{ text: 'a' }, { text: 'b' }] } }, { type: 'text', text: 'ab' }],
  [{ cachePoint: { type: 'default' } }, undefined],
];

describe('Converse of Bedrock', () => {
  const scene = useScene();
  let client: BedrockRuntimeClient;
  before(() => {
    client = wrapBedrock(bare.bedrock(scene.url));
  });

  const ask = async (messages: readonly object[], answer: readonly object[] = [{ text: 'Yes' }], more = {}) => {
    scene.answer = json({ output: { message: { role: 'assistant', content: answer } }, stopReason: 'end_turn', usage });
    await client.send(new ConverseCommand({ modelId: 'm', messages: messages as Message[], ...more }));
    const [span] = scene.recorded.spans.filter(({ kind }) => kind === 'LLM');
    const { input, output } = span ?? expect.fail('there is no span');
    return { asked: (input as { messages: unknown }).messages, said: (output as { messages: unknown }).messages };
  };

  for (const [block, part] of blocks) {
    const [name] = Object.keys(block);
    it(`records ${name} as ${part === undefined ? 'nothing' : JSON.stringify(part)}`, async () => {
      const { asked } = await ask([{ role: 'user', content: [{ text: 'Look' }, block] }]);
      const said = { type: 'text', text: 'Look' };
      const { text } = (part ?? {}) as { readonly text?: string };
      const content = part === undefined ? 'Look' : text === undefined ? [said, part] : `Look\n${text}`;
      expect(asked).to.deep.equal([{ role: 'user', content }]);
    });
  }

  it('records system prompts as one message, and tool results before the text beside them', async () => {
    const { asked } = await ask(
      [
        { role: 'user', content: [{ text: 'Look it up' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'find', input: { q: 1 } } }] },
        {
          role: 'user',
          content: [
            { text: 'Go on' },
            { toolResult: { toolUseId: 't1', content: [{ text: 'a' }, { json: { b: 2 } }] } },
            { toolResult: { toolUseId: 't2', content: [{ text: 'no' }], status: 'error' } },
            { text: 'please' },
          ],
        },
        { role: 'user', content: [{ toolResult: { toolUseId: 't3', content: [], status: 'success' } }] },
      ],
      undefined,
      { system: [{ text: 'Be brief' }, { cachePoint: { type: 'default' } }, { text: 'and kind' }] },
    );
    expect(asked).to.deep.equal([
      { role: 'system', content: 'Be brief\nand kind' },
      { role: 'user', content: 'Look it up' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 't1', type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
      },
      { role: 'tool', tool_call_id: 't1', content: 'a\n{"b":2}' },
      { role: 'tool', tool_call_id: 't2', content: 'no', is_error: true },
      { role: 'user', content: 'Go on\nplease' },
      { role: 'tool', tool_call_id: 't3', content: null },
    ]);
  });

  it('marks a failed tool of the provider, and names one whose use is missing', async () => {
    const failed = { toolUseId: 't1', status: 'error', type: 'r', content: [{ text: 'no hits' }] };
    await ask(
      [{ role: 'user', content: [{ text: 'Hi' }] }],
      [
        { toolUse: { toolUseId: 't1', name: 'search', type: 'server_tool_use', input: { q: 1 } } },
        { toolResult: failed },
        { toolResult: { ...failed, toolUseId: 't2', status: 'success' } },
      ],
    );
    const tools = scene.recorded.spans.filter(({ kind }) => kind === 'TOOL');
    expect(tools.map(({ name, status, error, input }) => ({ name, status, error, input }))).to.deep.equal([
      { name: 'search', status: 'ERROR', error: 'the tool failed', input: { q: 1 } },
      { name: 'tool', status: 'OK', error: undefined, input: undefined },
    ]);
  });
});
