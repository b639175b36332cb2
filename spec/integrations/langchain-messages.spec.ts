import { expect } from 'chai';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { langChainScene } from './support/langchain-scene.js';

const bytes = new Uint8Array(3000);
const base64 = Buffer.from(bytes).toString('base64');
const short = 'aGVsbG8=';
const image = { type: 'image', mime_type: 'image/png' };
const file = { type: 'file', mime_type: 'text/plain' };

/** Each part of a message's content as the framework or a provider writes it, and as it is recorded; nothing, if it is none. */
const parts: readonly (readonly [title: string, written: unknown, recorded: unknown])[] = [
  ['a text', { type: 'text', text: 'a', cache_control: {} }, { type: 'text', text: 'a' }],
  ['a text that is no part', 'a', { type: 'text', text: 'a' }],
  ['a text of Responses', { type: 'output_text', text: 'a', annotations: [] }, { type: 'text', text: 'a' }],
  ['a piece of a streamed text', { type: 'text_delta', text: 'a' }, { type: 'text', text: 'a' }],
  ['a text part without a text', { type: 'text' }, { type: 'text' }],
  [
    'a picture’s address',
    { type: 'image_url', image_url: { url: 'https://a/b' } },
    { type: 'image', url: 'https://a/b' },
  ],
  ['a picture’s address alone', { type: 'image_url', image_url: 'https://a/b' }, { type: 'image', url: 'https://a/b' }],
  [
    'a picture in its address',
    { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } },
    { ...image, size_bytes: 3000 },
  ],
  [
    'sound of OpenAI',
    { type: 'input_audio', input_audio: { data: base64, format: 'wav' } },
    { type: 'audio', mime_type: 'audio/wav', size_bytes: 3000 },
  ],
  ['sound without a format', { type: 'input_audio', input_audio: { data: short } }, { type: 'audio', data: short }],
  [
    'a picture of Anthropic',
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } },
    { ...image, size_bytes: 3000 },
  ],
  [
    'a picture of Anthropic’s by address',
    { type: 'image', source: { type: 'url', url: 'https://a/b' } },
    { type: 'image', url: 'https://a/b' },
  ],
  [
    'a picture in the framework’s older form',
    { type: 'image', source_type: 'base64', mime_type: 'image/png', data: short },
    { ...image, data: short },
  ],
  [
    'a picture in its newer form',
    { type: 'image', mimeType: 'image/png', data: bytes },
    { ...image, size_bytes: 3000 },
  ],
  ['a picture that the provider keeps', { type: 'image', fileId: 'f-1' }, { type: 'image', id: 'f-1' }],
  ['one in the older form', { type: 'audio', source_type: 'id', id: 'f-1' }, { type: 'audio', id: 'f-1' }],
  [
    'a film',
    { type: 'video', url: 'https://a/b', mimeType: 'video/mp4' },
    { type: 'video', mime_type: 'video/mp4', url: 'https://a/b' },
  ],
  [
    'a file of OpenAI',
    { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64}` } },
    { type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 3000 },
  ],
  ['a file that OpenAI keeps', { type: 'file', file: { file_id: 'f-1' } }, { type: 'file', id: 'f-1' }],
  [
    'a file with a name',
    { type: 'file', mimeType: 'text/plain', data: short, metadata: { filename: 'a.txt' } },
    { ...file, name: 'a.txt', data: short },
  ],
  [
    'a file that is a text, in the older form',
    { type: 'file', source_type: 'text', mime_type: 'text/plain', text: 'It is 42', metadata: { filename: 'a.txt' } },
    { ...file, name: 'a.txt', content: 'It is 42' },
  ],
  [
    'a file that is a text',
    { type: 'text-plain', text: 'It is 42', mimeType: 'text/plain' },
    { type: 'text-plain', text: 'It is 42', mimeType: 'text/plain' },
  ],
  ['a part that is not there', null, null],
  [
    'a part nobody knows',
    { type: 'video_url', video_url: 'https://a/b' },
    { type: 'video_url', video_url: 'https://a/b' },
  ],
  ...['reasoning', 'thinking', 'redacted_thinking', 'tool_use', 'tool_call', 'input_json_delta'].map(
    (type) => [`${type}, which is recorded elsewhere`, { type, text: 'a' }, undefined] as const,
  ),
];

describe('Messages in values of LangChain steps', () => {
  const scene = langChainScene();
  let messages: typeof import('@langchain/core/messages');
  let runnables: typeof import('@langchain/core/runnables');
  before(async () => {
    messages = await import('@langchain/core/messages');
    runnables = await import('@langchain/core/runnables');
  });

  /** Runs a step with a message. */
  async function recordedOf(message: object): Promise<unknown> {
    const handler = new LangChainCallbackHandler();
    await runnables.RunnableLambda.from(() => 1).invoke({ message }, { callbacks: [handler] });
    scene.tree(); // ships
    return (scene.recorded.spans.at(-1)?.input as { message: unknown } | undefined)?.message;
  }

  for (const [title, written, recorded] of parts)
    it(`have ${title} in one form`, async () => {
      const content = [{ type: 'text', text: 'Look' }, written] as never; // whatever a program writes
      const said = { type: 'text', text: 'Look' };
      const { type, text } = (recorded ?? {}) as { readonly type?: string; readonly text?: string };
      const one = type === 'text' && text !== undefined ? `Look${text}` : [said, recorded];
      expect(await recordedOf(new messages.HumanMessage({ content }))).to.deep.equal({
        role: 'user',
        content: recorded === undefined ? 'Look' : one,
      });
    });

  it('have the role of their kind, and their name', async () => {
    const { AIMessage, ChatMessage, FunctionMessage, HumanMessage, RemoveMessage, SystemMessage, ToolMessage } =
      messages;
    const content = 'a';
    const kinds = [
      new HumanMessage({ content, name: 'Ada' }),
      new AIMessage(content),
      new SystemMessage(content),
      new SystemMessage({ content, additional_kwargs: { __openai_role__: 'developer' } }),
      new ChatMessage({ content, role: 'critic' }),
      new ToolMessage({ content, tool_call_id: 't1', name: 'w' }),
      new ToolMessage({ content, tool_call_id: 't2', status: 'error' }),
      new FunctionMessage({ content, name: 'w' }),
      new RemoveMessage({ id: 'm-1' }),
    ];
    const recorded: unknown[] = [];
    for (const kind of kinds) recorded.push(await recordedOf(kind));
    expect(recorded).to.deep.equal([
      { role: 'user', content, name: 'Ada' },
      { role: 'assistant', content },
      { role: 'system', content },
      { role: 'developer', content },
      { role: 'critic', content },
      { role: 'tool', tool_call_id: 't1', name: 'w', content },
      { role: 'tool', tool_call_id: 't2', content, is_error: true },
      { role: 'tool', content, name: 'w' },
      { role: 'remove', content: null },
    ]);
  });

  it('have tool calls from any field', async () => {
    const { AIMessage } = messages;
    const call = (id: string, args: string) => ({ id, type: 'function', function: { name: 'w', arguments: args } });
    const recorded = await recordedOf(
      new AIMessage({
        content: [{ type: 'tool_use', id: 't1', name: 'w', input: {} }],
        tool_calls: [{ id: 't1', name: 'w', args: { city: 'Bern' } }],
        invalid_tool_calls: [{ id: 't2', name: 'w', args: '{"city"' }],
      }),
    );
    expect(recorded).to.deep.equal({
      role: 'assistant',
      content: null,
      tool_calls: [call('t1', '{"city":"Bern"}'), call('t2', '{"city"')],
    });
    const message = new AIMessage('a');
    message.additional_kwargs = {
      tool_calls: [{ id: 't3', type: 'function', function: { name: 'w', arguments: '{}' } }],
    };
    expect(await recordedOf(message)).to.deep.equal({
      role: 'assistant',
      content: 'a',
      tool_calls: [call('t3', '{}')],
    });
  });
});
