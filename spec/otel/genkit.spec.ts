import { expect } from 'chai';
import { isOfAgent, kindOf } from '../../lib/otel/reading/kind.js';
import { spanValues } from '../../lib/otel/reading/span-values.js';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import type { SpanValues } from '../../lib/otel/values.js';
import { otelSpan } from './spans.js';

const text = (value: unknown) => JSON.stringify(value);
const model = {
  ...{ 'genkit:type': 'action', 'genkit:metadata:subtype': 'model', 'genkit:name': 'googleai/gemini-2.5-flash' },
};

function call(input: unknown, output: unknown): SpanValues {
  return spanValues(
    otelSpan('call', { ...model, 'genkit:input': text(input), 'genkit:output': text(output) }),
    undefined,
  );
}

describe('Spans of Genkit', () => {
  const kinds: readonly [type: string, subtype: string | undefined, name: string, kind: string][] = [
    ['action', 'model', 'googleai/gemini-2.5-flash', 'LLM'],
    ['action', 'embedder', 'googleai/gemini-embedding-001', 'EMBEDDING'],
    ['action', 'retriever', 'docs', 'RETRIEVER'],
    ['action', 'tool', 'weather', 'TOOL'],
    ['action', 'flow', 'ask', 'CHAIN'],
    ['action', 'evaluator', 'judge', 'OTHER'],
    ['action', 'constructor', 'x', 'OTHER'],
    ['action', undefined, 'x', 'OTHER'],
    ['flowStep', undefined, 'load', 'CHAIN'],
    ['util', undefined, 'generate', 'AGENT'],
    ['util', undefined, 'render', 'OTHER'],
  ];
  for (const [type, subtype, name, kind] of kinds) {
    it(`are of an agent; the kind of ${type}, ${subtype}, ${name} is ${kind}`, () => {
      const labels = subtype === undefined ? {} : { 'genkit:metadata:subtype': subtype };
      const span = otelSpan(name, { 'genkit:type': type, ...labels, 'genkit:name': name });
      expect(kindOf(span)).to.equal(kind);
      expect(isOfAgent(span)).to.equal(true);
    });
  }

  it('show the messages of a model call, with its tool calls and their answers', () => {
    const { input, output } = call(
      {
        messages: [
          { role: 'system', content: [{ text: 'Be brief.' }] },
          {
            role: 'user',
            content: [{ text: 'Here?' }, { media: { url: 'https://a.example/b.png', contentType: 'image/png' } }],
          },
          { role: 'model', content: [{ toolRequest: { ref: 'c1', name: 'weather', input: { city: 'Oslo' } } }] },
          { role: 'tool', content: [{ toolResponse: { ref: 'c1', name: 'weather', output: 'rain' } }] },
        ],
      },
      { message: { role: 'model', content: [{ reasoning: 'Hm.' }, { text: 'Rai' }] }, finishReason: 'length' },
    );
    const called = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
    expect(input).to.deep.equal({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here?' },
            { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [called] },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      ],
    });
    expect(output).to.deep.equal({
      messages: [
        {
          ...{ role: 'assistant', finish_reason: 'length' },
          content: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'text', text: 'Rai' },
          ],
        },
      ],
    });
  });

  it('have the parameters of a model call', () => {
    const { modelParameters } = call({ messages: [], config: { temperature: 0.2 } }, {});
    expect(modelParameters).to.deep.equal({ temperature: 0.2 });
  });

  const usages: readonly [what: string, usage: object, counts: object][] = [
    [
      'beside the output, as Gemini counts them',
      { inputTokens: 10, outputTokens: 5, thoughtsTokens: 20, totalTokens: 35, cachedContentTokens: 4 },
      { prompt_tokens: 10, completion_tokens: 25, reasoning_tokens: 20, cache_read_tokens: 4, total_tokens: 35 },
    ],
    [
      'within the output',
      { inputTokens: 10, outputTokens: 25, thoughtsTokens: 20, totalTokens: 35 },
      { prompt_tokens: 10, completion_tokens: 25, reasoning_tokens: 20, total_tokens: 35 },
    ],
  ];
  for (const [what, usage, counts] of usages) {
    it(`count thoughts as output that are ${what}`, () => {
      expect(call({}, { usage }).tokenUsage).to.deep.equal(counts);
    });
  }

  it('count tokens once, on the model call', () => {
    const output = { 'genkit:output': text({ usage: { inputTokens: 3, outputTokens: 2 } }) };
    const generate = otelSpan('generate', { 'genkit:type': 'util', 'genkit:name': 'generate', ...output });
    const { trace } = traceValues([generate, otelSpan('call', { ...model, ...output })], true);
    expect(trace.spans.map(({ name, tokenUsage }) => [name, tokenUsage])).to.deep.equal([
      ['generate', undefined],
      ['call', { prompt_tokens: 3, completion_tokens: 2 }],
    ]);
  });

  it('have the values of other actions unchanged, each once', () => {
    const attributes = { 'genkit:type': 'action', 'genkit:metadata:subtype': 'tool', 'genkit:name': 'weather' };
    const values = { 'genkit:input': '{"city":"Oslo"}', 'genkit:output': '12' };
    const { input, output, metadata } = spanValues(otelSpan('weather', { ...attributes, ...values }), undefined);
    expect({ input, output }).to.deep.equal({ input: { city: 'Oslo' }, output: 12 });
    expect(metadata)
      .to.include(attributes)
      .and.not.to.have.any.keys(...Object.keys(values));
  });
});
