import {
  type BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { drain } from '../support/recorded.js';
import { bodyChunk, event } from './support/bedrock-wire.js';
import { bare } from './support/clients.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';

type Block = Readonly<Record<string, unknown>>;

const data = (bytes: number) => noise(bytes).toString('base64');
const thought = (text: string, more: object = {}) => ({ reasoningContent: { reasoningText: { text, ...more } } });
const use = (id: string, input: object, more: object = {}) => ({
  toolUse: { toolUseId: id, name: 'weather', input, ...more },
});
const result = (id: string, content: readonly object[], more: object = {}) => ({
  toolResult: { toolUseId: id, type: 'nova_code_interpreter_result', status: 'success', content, ...more },
});
const cited = {
  title: 'X',
  source: 'https://x.test',
  sourceContent: [{ text: '21 °C' }],
  location: { web: { url: 'https://x.test', domain: 'x.test' } },
};

/** Every type of block that the client's types have in an answer, in groups as they come. */
const replies: Record<string, readonly Block[]> = {
  text: [{ text: 'It is warm.' }],
  'two texts': [{ text: 'It is' }, { text: ' warm.' }],
  'an empty text': [{ text: '' }],
  'an empty text, and a call': [{ text: '' }, use('t1', { city: 'Lisbon' })],
  'no block at all': [],
  thoughts: [thought('In the south.', { signature: 'c2ln' }), { text: 'Warm.' }],
  'redacted thoughts, and a call': [{ reasoningContent: { redactedContent: data(30) } }, use('t1', { city: 'Lisbon' })],
  'thoughts that are left out, and a call': [thought('', { signature: 'c2ln' }), use('t1', { city: 'Lisbon' })],
  'calls, one without input': [use('t1', { city: 'Lisbon', days: [1, 2] }), use('t2', {})],
  'citations, and a call': [
    { citationsContent: { content: [{ text: 'It is 21 °C' }], citations: [cited, cited] } },
    { text: ' there.' },
    use('t1', {}),
  ],
  "the provider's own tools": [
    use('t1', { query: 'x' }, { type: 'server_tool_use' }),
    result('t1', [{ json: { hits: 3 } }]),
    use('t2', { code: 'print(1)' }, { type: 'server_tool_use' }),
    result('t2', [{ text: 'no such file' }], { status: 'error' }),
    { text: 'Warm.' },
  ],
  pictures: [
    { text: 'Here' },
    { image: { format: 'png', source: { bytes: data(3000) } } },
    { image: { format: 'png', source: { s3Location: { uri: 's3://x/1.png' } } } },
  ],
  'a picture that is missing': [{ image: { format: 'png', error: { message: 'blocked' } } }],
};

const pieces = (text: unknown) => [String(text).slice(0, 3), String(text).slice(3)].filter((piece) => piece !== '');

/** The start of a block, if it has one, and its deltas. */
function opened(block: Block): readonly [object | undefined, readonly object[]] {
  const { text } = block;
  const { toolUse, toolResult, reasoningContent, citationsContent, image } = block as Record<string, Block>;
  if (toolUse !== undefined) {
    const { input, ...start } = toolUse;
    const written = Object.keys(Object(input)).length === 0 ? [''] : pieces(JSON.stringify(input));
    return [{ toolUse: start }, written.map((piece) => ({ toolUse: { input: piece } }))];
  }
  if (toolResult !== undefined) {
    const { content, ...start } = toolResult;
    const said = (content as readonly Block[]).flatMap((each) =>
      'text' in each ? pieces(each.text).map((piece) => ({ text: piece })) : each,
    );
    return [{ toolResult: start }, said.map((piece) => ({ toolResult: [piece] }))];
  }
  if (reasoningContent !== undefined) {
    const { reasoningText, redactedContent } = reasoningContent as Record<string, Block>;
    if (reasoningText === undefined) return [undefined, [{ reasoningContent: { redactedContent } }]];
    const said = pieces(reasoningText.text).map((piece) => ({ reasoningContent: { text: piece } }));
    return [undefined, [...said, { reasoningContent: { signature: reasoningText.signature } }]];
  }
  if (citationsContent !== undefined) {
    const { content, citations } = citationsContent as Record<string, readonly Block[]>;
    const said = (content ?? []).flatMap((each) => pieces(each.text)).map((piece) => ({ text: piece }));
    return [undefined, [...said, ...(citations ?? []).map((citation) => ({ citation }))]];
  }
  if (image !== undefined) {
    const { format, ...rest } = image;
    const { bytes } = (rest.source ?? {}) as { readonly bytes?: string };
    if (bytes === undefined) return [{ image: { format } }, [{ image: rest }]];
    const at = 4 * Math.floor(bytes.length / 8);
    const halves = [bytes.slice(0, at), bytes.slice(at)];
    return [{ image: { format } }, halves.map((half) => ({ image: { source: { bytes: half } } }))];
  }
  return [undefined, text === '' ? [{ text }] : pieces(text).map((piece) => ({ text: piece }))];
}

type Event = readonly [type: string, payload: object];

/** The events of one block, as the API sends them. */
function eventsOf(block: Block, contentBlockIndex: number): readonly Event[] {
  const [start, deltas] = opened(block);
  return [
    ...(start === undefined ? [] : [['contentBlockStart', { contentBlockIndex, start }] as const]),
    ...deltas.map((delta) => ['contentBlockDelta', { contentBlockIndex, delta }] as const),
    ['contentBlockStop', { contentBlockIndex }] as const,
  ];
}

const usage = {
  ...{ inputTokens: 5, outputTokens: 2, totalTokens: 12, cacheReadInputTokens: 3, cacheWriteInputTokens: 2 },
  cacheDetails: [{ ttl: '1h', inputTokens: 2 }],
};
const guardrail = {
  modelOutput: ['no'],
  inputAssessment: { g1: { topicPolicy: { topics: [{ name: 'x', type: 'DENY', action: 'BLOCKED' }] } } },
  actionReason: 'blocked',
};
/** What comes with `metadata`. */
const ends: readonly object[] = [
  { usage, metrics: { latencyMs: 9 } },
  {
    ...{ usage, metrics: { latencyMs: 9 }, performanceConfig: { latency: 'optimized' }, serviceTier: { type: 'flex' } },
    trace: { guardrail, promptRouter: { invokedModelId: 'amazon.nova-lite-v1:0' } },
  },
];

describe('A streamed answer of Bedrock', () => {
  const scene = useScene();
  let client: BedrockRuntimeClient;
  before(() => {
    client = wrapBedrock(bare.bedrock(scene.url));
  });
  const facts = () =>
    scene.recorded.traces.map(({ spans }) =>
      spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
        return { name: name.replace(/-stream$/, ''), kind, status, error, input, output, model, tokenUsage, metadata };
      }),
    );
  const same = () => {
    const [whole, streamed] = facts();
    expect(streamed).to.deep.equal(whole);
    return whole?.[0];
  };
  const ask = { modelId: 'amazon.nova-x', messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] };
  const stream = (chunks: readonly Uint8Array[]) => {
    scene.answer = { kind: 'bytes', type: 'application/vnd.amazon.eventstream', chunks };
  };

  for (const [name, content] of [...Object.entries(replies), ['all at once', Object.values(replies).flat()] as const]) {
    for (const [at, end] of ends.entries()) {
      const stopReason = at === 0 ? 'end_turn' : 'guardrail_intervened';
      const events: readonly Event[] = [
        ['messageStart', { role: 'assistant' }],
        ...content.flatMap(eventsOf),
        ['messageStop', { stopReason, additionalModelResponseFields: { a: 1 } }],
        ['metadata', end],
      ];
      const whole = { output: { message: { role: 'assistant', content } }, stopReason, ...end };

      it(`is recorded as the same answer in one piece: ${name}, ${stopReason}`, async () => {
        scene.answer = json({ ...whole, additionalModelResponseFields: { a: 1 } });
        await client.send(new ConverseCommand(ask));
        stream(events.map(([type, payload]) => event(type, payload)));
        const reply = await client.send(new ConverseStreamCommand(ask));
        await drain(reply.stream ?? expect.fail('expected a stream'));
        expect(same()?.metadata.stop_reason).to.equal(stopReason);
      });

      it(`is recorded as the same body in one piece: ${name}, ${stopReason}`, async () => {
        const command = {
          modelId: 'amazon.nova-x',
          body: JSON.stringify({ messages: ask.messages, inferenceConfig: { maxTokens: 9 } }),
        };
        scene.answer = json(whole);
        await client.send(new InvokeModelCommand(command));
        stream(events.map(([type, payload]) => bodyChunk({ [type]: payload })));
        const { body } = await client.send(new InvokeModelWithResponseStreamCommand(command));
        await drain(body ?? expect.fail('expected a stream'));
        expect(same()?.metadata.stop_reason).to.equal(stopReason);
      });
    }
  }
});
