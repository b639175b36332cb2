import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Anthropic from '@anthropic-ai/sdk';
import { type BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import OpenAI from 'openai';
import { counts, sum } from '../../lib/calls/counts.js';
import { textWithoutBytes, withoutBytes } from '../../lib/calls/without-bytes.js';
import { withoutSecrets } from '../../lib/calls/without-secrets.js';
import { type MaskContext, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { anthropic } from './support/anthropic-wire.js';
import { bedrock } from './support/bedrock-wire.js';
import { bare } from './support/clients.js';
import { gemini } from './support/gemini-wire.js';
import { mistral } from './support/mistral-wire.js';
import { noise } from './support/noise.js';
import { openAI } from './support/openai-wire.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];

describe('Wrappers', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  describe('tokens', () => {
    it('leave out what is unknown and never make it 0', () => {
      expect(counts({ prompt: undefined, completion: undefined })).to.equal(undefined);
      expect(counts({ prompt: 5, completion: undefined })).to.deep.include({
        prompt_tokens: 5,
        completion_tokens: undefined,
        total_tokens: undefined,
      });
      expect(counts({ prompt: 0, completion: 0 })).to.deep.include({ prompt_tokens: 0, total_tokens: 0 });
      expect(sum(undefined, 5)).to.equal(undefined);
      expect(sum(5, undefined, null, 2)).to.equal(7);
    });

    it('keep a total that is not the sum', () => {
      expect(counts({ prompt: 1, completion: 2, total: 9 })).to.deep.include({ prompt_tokens: 1, total_tokens: 9 });
    });

    it('hold the invariant for every provider, whole and streamed', async () => {
      await using provider = await startProvider((seen) => {
        if (seen.path.startsWith('/openai')) return openAI(seen);
        if (seen.path.startsWith('/anthropic')) return anthropic(seen);
        return seen.path.startsWith('/gemini') ? gemini(seen) : mistral(seen);
      });
      const quiet = { apiKey: 'k', maxRetries: 0, logLevel: 'off' as const };
      const openai = wrapOpenAI(new OpenAI({ ...quiet, baseURL: `${provider.url}/openai/v1` }), { streamUsage: true });
      const claude = wrapAnthropic(new Anthropic({ ...quiet, baseURL: `${provider.url}/anthropic` }));
      const google = wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: `${provider.url}/gemini` } }));
      const le = wrapMistral(new Mistral({ apiKey: 'k', serverURL: `${provider.url}/mistral` }));
      const claudeRequest = { model: 'plain', max_tokens: 9, messages };
      await openai.chat.completions.create({ model: 'plain', messages });
      await drain(await openai.chat.completions.create({ model: 'plain', messages, stream: true }));
      await openai.responses.create({ model: 'plain', input: 'Hi' });
      await drain(await openai.responses.create({ model: 'plain', input: 'Hi', stream: true }));
      await openai.embeddings.create({ model: 'e', input: 'Hi' });
      await claude.messages.create(claudeRequest);
      await drain(await claude.messages.create({ ...claudeRequest, stream: true }));
      await google.models.generateContent({ model: 'plain', contents: 'Hi' });
      await drain(await google.models.generateContentStream({ model: 'plain', contents: 'Hi' }));
      await le.chat.complete({ model: 'plain', messages });
      await drain(await le.chat.stream({ model: 'plain', messages }));
      expect(recorded.spans).to.have.length(11);
      for (const { name, tokenUsage: usage = {} } of recorded.spans) {
        const { prompt_tokens: prompt = -1, completion_tokens: completion = -1 } = usage;
        expect(Object.values(usage).every(Number.isInteger), name).to.equal(true);
        expect(usage.total_tokens, name).to.equal(prompt + completion);
        expect((usage.cache_read_tokens ?? 0) + (usage.cache_creation_tokens ?? 0), name).to.be.at.most(prompt);
        expect(usage.reasoning_tokens ?? 0, name).to.be.at.most(completion);
      }
    });
  });

  describe('bytes', () => {
    const base64 = noise(3000).toString('base64');

    it('are recorded as their size, wherever they are', () => {
      expect(textWithoutBytes(`before ${base64} after`)).to.equal('before [3000 bytes] after');
      expect(textWithoutBytes(JSON.stringify({ image: base64 }))).to.equal('{"image":"[3000 bytes]"}');
      expect(withoutBytes({ deep: [{ data: 'A'.repeat(4000) }] })).to.deep.equal({ deep: [{ data: '[3000 bytes]' }] });
      expect(withoutBytes({ content: base64.replace(/.{76}/g, '$&\n') })).to.deep.equal({ content: '[3000 bytes]' });
      expect(withoutBytes({ vector: new Array(300).fill(0.5) })).to.deep.equal({ vector: '[300 numbers]' });
    });

    it('do not get out in objects that only show what they hold when they are captured', async () => {
      await using provider = await startProvider(openAI);
      const { chat } = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
      class Picture {
        readonly type = 'picture';
        readonly data = base64;
      }
      const lazy = { type: 'lazy', toJSON: () => ({ type: 'lazy', data: base64 }) };
      const deep = Array.from({ length: 80 }).reduce<object>((inner) => ({ inner }), { data: base64 });
      const parts = [new Picture(), lazy, deep, { map: new Map([['data', base64]]) }];
      const content = parts as unknown as string; // a part of a sort to come
      await chat.completions.create({ model: 'plain', messages: [{ role: 'user', content }] });
      expect(recorded.text).to.include('[3000 bytes]').and.not.to.include(base64.slice(0, 60));
      expect(recorded.span.input).to.have.nested.property('messages[0].content[0].type', 'picture');
    });

    it('do not get out in the error of a provider', async () => {
      const body = { error: { message: `cannot read ${base64}`, type: 'invalid_request_error' } };
      await using provider = await startProvider(() => ({ kind: 'json', status: 400, body }));
      const client = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
      await rejection(client.chat.completions.create({ model: 'plain', messages }));
      expect(recorded.span.error).to.equal('BadRequestError: 400 cannot read [3000 bytes]');
      expect(recorded.text).not.to.include(base64.slice(0, 60));
    });

    it('are looked for once in each object, however they are linked', () => {
      const nodes = Array.from({ length: 30 }, () => ({ data: base64, links: [] as object[] }));
      for (const node of nodes) node.links.push(...nodes);
      const [first] = (withoutBytes({ nodes }) as { nodes: { data: string; links: unknown[] }[] }).nodes;
      expect(first?.data).to.equal('[3000 bytes]');
      expect(first?.links[0]).to.equal('[Circular]');
    });

    it('are not found in written text', () => {
      for (const text of ['a'.repeat(5000), 'word '.repeat(1000), 'https://example.com/a?b=c '.repeat(100)]) {
        expect(textWithoutBytes(text)).to.equal(text);
      }
      const small = { data: noise(100).toString('base64') };
      expect(withoutBytes(small)).to.equal(small);
    });

    it('are found wherever they begin, in one run or in lines of any length that mail programs write', () => {
      const forms = [
        base64,
        ...['\n', '\r\n', '\\n'].flatMap((end) => [
          base64.replace(/.{60}/g, `$&${end}`),
          base64.replace(/.{76}/g, `$&${end}`),
        ]),
      ];
      for (const form of forms) {
        for (let at = 0; at <= 125; at += 1) {
          const before = ' .'.repeat(at).slice(0, at);
          const [found = ''] = textWithoutBytes(`${before} ${form}`)
            .split(/(?=\[)/)
            .slice(-1);
          expect(found, `${form.slice(55, 80)} at ${at}`).to.match(/^\[(?:29|30)\d\d bytes\]/);
        }
      }
    });

    it('are found in linear time', () => {
      const text = `${'a1B2c3D4e5'.repeat(130)} `.repeat(1000);
      const started = process.cpuUsage().user;
      textWithoutBytes(text);
      expect((process.cpuUsage().user - started) / 1000).to.be.below(2000);
    });

    it('leave the value as it was', () => {
      const value = { a: [{ data: base64 }], b: { c: 1 } };
      const copy = withoutBytes(value) as typeof value;
      expect(value.a[0]?.data).to.equal(base64);
      expect(copy.b).to.equal(value.b);
    });
  });

  describe('secrets', () => {
    it('are left out of free fields by their names, however deep', () => {
      const deep = Array.from({ length: 20 }).reduce<object>((inner) => ({ inner }), { password: 'p-z4711' });
      const secret = { hf_token: 't-z4711', privateKey: 'k-z4711', Cookie: 'c-z4711', end_user_id: 'u-z4711' };
      const kept = { max_tokens: 5, top_k: 2, stop: ['a'] };
      expect(withoutSecrets({ ...kept, ...secret, list: [secret, kept] })).to.deep.equal({ ...kept, list: [{}, kept] });
      expect(JSON.stringify(withoutSecrets(deep))).not.to.include('z4711');
    });

    it('are left out of a body of an unknown form', async () => {
      await using provider = await startProvider(bedrock);
      const body = JSON.stringify({ task: 'paint', auth: { apiKey: 'k-z4711' }, user_id: 'u-z4711' });
      const client: BedrockRuntimeClient = wrapBedrock(bare.bedrock(provider.url));
      await client.send(new InvokeModelCommand({ modelId: 'amazon.painter', body }));
      expect(recorded.span.input).to.deep.equal({
        messages: [{ role: 'user', content: '{"task":"paint","auth":{}}' }],
      });
    });
  });

  describe('calls that nobody waits for', () => {
    let provider: Provider;
    beforeEach(async () => {
      provider = await startProvider(openAI);
      setFlagsFromString('--expose-gc');
    });
    afterEach(() => provider[Symbol.asyncDispose]());

    it('are not ended while somebody waits for them', async () => {
      const collect = runInNewContext('gc') as () => void;
      const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
      const calls = async () => {
        for (let i = 0; i < 2; i += 1) {
          await openai.chat.completions.parse({ model: 'plain', messages });
          await openai.chat.completions.stream({ model: 'plain', messages }).done();
          await openai.chat.completions.create({ model: 'plain', messages }).withResponse();
        }
      };
      let isDone = false;
      const made = calls().finally(() => {
        isDone = true;
      });
      while (!isDone) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await made;
      expect(recorded.spans).to.have.length(6);
      expect(recorded.spans.every(({ status }) => status === 'OK')).to.equal(true);
    });

    it('end with their trace when they are collected', async () => {
      const collect = runInNewContext('gc') as () => void;
      const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
      const begin = async () => {
        const stream = await openai.chat.completions.create({ model: 'plain', messages, stream: true });
        await stream[Symbol.asyncIterator]().next();
      };
      await begin();
      for (let i = 0; i < 50 && recorded.traces.length === 0; i += 1) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(recorded.span.status).to.equal('UNSET');
      expect(recorded.span.metadata).to.deep.include({ 'pandaprobe.unfinished': true, response_id: 'c1' });
    });
  });

  it('end when they are collected before their reply was ever requested', async () => {
    await using provider = await startProvider(openAI);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
    const begin = () => void openai.chat.completions.create({ model: 'plain', messages });
    begin();
    for (let i = 0; i < 100 && recorded.traces.length === 0; i += 1) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(recorded.span.input).to.deep.equal({ messages });
    expect(recorded.span.metadata).to.deep.include({ 'pandaprobe.unfinished': true });
  });

  it('are masked for the span and for the trace, even if both show the same message', async () => {
    await stopRecording();
    const mask = (value: unknown, { field, spanName }: MaskContext) =>
      field === 'input' || field === 'output' ? `${field} of ${spanName ?? 'the trace'}` : value;
    recorded = record({ mask });
    const reply = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' } }] };
    const mock = { chat: { completions: { create: async (_: object) => reply } } };
    await wrapOpenAI(mock).chat.completions.create({ model: 'm', messages });
    expect(recorded.trace).to.deep.include({ input: 'input of the trace', output: 'output of the trace' });
    expect(recorded.span).to.deep.include({ input: 'input of openai-chat', output: 'output of openai-chat' });
  });

  it('show the last message in their trace, also one of several', async () => {
    const reply = { choices: [0, 1].map((index) => ({ index, message: { role: 'assistant', content: `${index}` } })) };
    const mock = { chat: { completions: { create: async (_: object) => reply } } };
    const earlier = { role: 'system', content: 'Be kind.' };
    await wrapOpenAI(mock).chat.completions.create({ model: 'm', messages: [earlier, ...messages] });
    expect(recorded.trace.input).to.deep.equal({ messages });
    expect(recorded.trace.output).to.deep.equal({ messages: [{ role: 'assistant', content: '1' }] });
    expect(recorded.span.input).to.deep.equal({ messages: [earlier, ...messages] });
  });

  it('pass a reply of an unexpected form to the caller unchanged', async () => {
    const odd = { chat: { completions: { create: async () => 42 } } };
    expect(await wrapOpenAI(odd).chat.completions.create()).to.equal(42);
    const frozen = Object.freeze({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: 1 }) }) });
    const strange = { chat: { completions: { create: (_: unknown) => frozen } } };
    const fail = () => {
      throw new Error('mine');
    };
    expect(wrapOpenAI(strange).chat.completions.create(new Proxy({}, { get: fail }))).to.equal(frozen);
    expect(recorded.spans).to.have.length(2);
  });

  it('record calls of a plain object with the same methods, in the current trace', async () => {
    const reply = {
      id: 'x',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    };
    const mock = { chat: { completions: { create: async (_: object) => reply } } };
    await withTrace('agent', () => wrapOpenAI(mock).chat.completions.create({ model: 'm', messages }));
    expect(recorded.span).to.deep.include({
      model: 'm',
      output: { messages: [{ role: 'assistant', content: 'Hello' }] },
    });
  });
});
