import { expect } from 'chai';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { drain } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';
import { googleClients } from './support/versions.js';

type Parts = readonly object[];

const data = (bytes: number, mimeType: string) => ({ mimeType, data: noise(bytes).toString('base64') });
const [small, large, sound] = [data(300, 'image/png'), data(3000, 'image/png'), data(4000, 'audio/pcm')];
const half = { ...sound, data: noise(2000).toString('base64') };
const call = (args: object, more: object = {}) => ({ functionCall: { name: 'weather', args, ...more } });
const code = { executableCode: { language: 'PYTHON', code: 'print(21)', id: 'x1' } };
const ran = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '21\n', id: 'x1' } };

/** The parts of an answer, the chunks that they come in, and why it ended. */
const answers: Record<string, readonly [Parts, readonly Parts[], string]> = {
  text: [[{ text: 'Warm.' }], [[{ text: 'Wa' }], [{ text: 'rm.' }], [{ text: '' }]], 'STOP'],
  'an empty text': [[{ text: '' }], [[{ text: '' }]], 'STOP'],
  'nothing at all': [[], [[]], 'SAFETY'],
  thoughts: [
    [
      { text: 'South.', thought: true },
      { text: 'Warm.', thoughtSignature: 'c2ln' },
    ],
    [
      [{ text: 'So', thought: true }],
      [{ text: 'uth.', thought: true }],
      [{ text: 'Warm.' }],
      [{ text: '', thoughtSignature: 'c2ln' }],
    ],
    'STOP',
  ],
  'calls, and a last chunk without content': [
    [call({ city: 'Lisbon' }), call({}, { id: 'f2' })],
    [[call({ city: 'Lisbon' })], [call({}, { id: 'f2' })], [{ text: '' }]],
    'STOP',
  ],
  'an empty text before a call': [[call({})], [[{ text: '' }], [call({})]], 'STOP'],
  'a call after a thought': [
    [
      { text: 'Ask.', thought: true },
      { ...call({ a: [1] }), thoughtSignature: 'c2ln' },
    ],
    [[{ text: 'Ask.', thought: true }], [{ ...call({ a: [1] }), thoughtSignature: 'c2ln' }], [{ text: '' }]],
    'STOP',
  ],
  'code that runs': [
    [{ text: 'Look:' }, code, ran, { text: '21' }],
    [[{ text: 'Lo' }], [{ text: 'ok:' }], [code], [ran], [{ text: '2' }], [{ text: '1' }]],
    'STOP',
  ],
  pictures: [
    [{ text: 'Here' }, { inlineData: small }, { inlineData: large, thoughtSignature: 'c2ln' }],
    [[{ text: 'Here' }], [{ inlineData: small }], [{ inlineData: large }, { text: '', thoughtSignature: 'c2ln' }]],
    'STOP',
  ],
  'a picture that is a thought': [
    [{ text: 'Try', thought: true }, { inlineData: large, thought: true }, { inlineData: large }],
    [[{ text: 'Try', thought: true }], [{ inlineData: large, thought: true }], [{ inlineData: large }]],
    'STOP',
  ],
  sound: [[{ inlineData: sound }], [[{ inlineData: half }], [{ inlineData: half }]], 'STOP'],
  'a file': [
    [{ fileData: { mimeType: 'image/png', fileUri: 'https://x.test/a.png', displayName: 'a' } }],
    [[{ fileData: { mimeType: 'image/png', fileUri: 'https://x.test/a.png', displayName: 'a' } }]],
    'STOP',
  ],
  "the provider's own tools": [
    [
      { toolCall: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] } }, thoughtSignature: 'c2ln' },
      { toolResponse: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', response: { found: 1 } } },
      { text: 'Warm.' },
    ],
    [
      [{ toolCall: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] } }, thoughtSignature: 'c2ln' }],
      [{ toolResponse: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', response: { found: 1 } } }],
      [{ text: 'Warm.' }],
    ],
    'STOP',
  ],
  'a transcript of the sound': [
    [{ inlineData: sound }, { audioTranscription: { text: 'Warm.' } }],
    [[{ inlineData: half }], [{ inlineData: half }], [{ audioTranscription: { text: 'Warm.' } }]],
    'STOP',
  ],
  'a text with facts about it': [
    [{ text: 'Warm.', partMetadata: { a: 1 }, speechMetadata: { b: 1 } }],
    [[{ text: 'Wa', partMetadata: { a: 1 } }], [{ text: 'rm.' }]],
    'MAX_TOKENS',
  ],
};

const usage = {
  ...{ promptTokenCount: 12, candidatesTokenCount: 4, thoughtsTokenCount: 3, totalTokenCount: 21 },
  ...{ cachedContentTokenCount: 5, toolUsePromptTokenCount: 2, trafficType: 'ON_DEMAND', serviceTier: 'flex' },
  promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 2 }],
  cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 1 }],
  candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 3 }],
};
const more = {
  citationMetadata: { citations: [{ uri: 'https://x.test' }] },
  groundingMetadata: { webSearchQueries: ['x'], groundingChunks: [{ web: { uri: 'https://x.test' } }] },
  urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://x.test' }] },
  ...{ safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' }], avgLogprobs: -0.1 },
};

for (const [client, GoogleGenAI] of await googleClients()) {
  describe(`A streamed answer of Gemini, ${client}`, () => {
    const scene = useScene();
    const ai = () =>
      wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: scene.url, retryOptions: { attempts: 1 } } }));
    const ask = { model: 'gemini-x', contents: 'Hi' };
    const facts = () =>
      scene.recorded.spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
        return { name, kind, status, error, input, output, model, tokenUsage, metadata };
      });
    const head = { modelVersion: 'gemini-x-001', responseId: 'g1' };
    const same = async (whole: object, chunks: readonly object[]) => {
      scene.answer = json(whole);
      await ai().models.generateContent(ask);
      await ai().chats.create({ model: 'gemini-x' }).sendMessage({ message: 'Hi' });
      scene.answer = { kind: 'sse', events: chunks };
      await drain(await ai().models.generateContentStream(ask));
      await drain(await ai().chats.create({ model: 'gemini-x' }).sendMessageStream({ message: 'Hi' }));
      const [first, ...others] = facts();
      expect(others).to.have.length(3);
      for (const other of others) expect(other).to.deep.equal(first);
      return first;
    };

    const all = Object.values(answers);
    for (const [name, chosen] of [
      ...Object.entries(answers).map(([key, one]) => [key, [one]] as const),
      ['all at once', all] as const,
    ]) {
      it(`is recorded as the same answer in one piece: ${name}`, async () => {
        const candidates = chosen.map(([parts, , finishReason], index) => {
          return { index, content: { role: 'model', parts }, finishReason, ...more };
        });
        const chunk = (rest: object, ...each: readonly object[]) => ({ ...head, ...rest, candidates: each });
        const most = Math.max(...chosen.map(([, chunks]) => chunks.length));
        const chunks: object[] = [];
        for (let at = 0; at < most; at += 1) {
          for (const [index, [, pieces, reason]] of chosen.entries()) {
            const parts = pieces[at];
            if (parts === undefined) continue;
            const isLast = at === pieces.length - 1;
            const ending = isLast ? { finishReason: reason, ...more } : {};
            chunks.push(chunk({ usageMetadata: usage }, { index, content: { role: 'model', parts }, ...ending }));
          }
        }
        const recorded = await same({ ...head, candidates, usageMetadata: usage }, chunks);
        expect(recorded?.metadata.finish_reason).to.equal(chosen[0]?.[2]);
      });
    }

    it('is recorded as the same answer in one piece: a prompt that is blocked', async () => {
      const blocked = {
        ...head,
        promptFeedback: { blockReason: 'SAFETY', blockReasonMessage: 'no', safetyRatings: [] },
        usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 },
      };
      const recorded = await same(blocked, [blocked]);
      expect(recorded?.metadata).to.include({ block_reason: 'SAFETY' });
    });

    it('is recorded as the same answer in one piece: a candidate without content', async () => {
      const unparsed = { index: 0, finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed: weather(' };
      const reply = { ...head, candidates: [unparsed], usageMetadata: usage };
      await same(reply, [reply]);
    });
  });
}
