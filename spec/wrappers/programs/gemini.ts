import type { CallableTool, GoogleGenAI } from '@google/genai';
import { wrapGemini } from '../../../lib/wrappers/gemini.js';
import { drain } from '../../support/recorded.js';
import type { Program, Step } from '../support/program.js';

const step =
  (run: (client: GoogleGenAI) => unknown): Step =>
  (client: GoogleGenAI) =>
    run(client);
const generate = (ai: GoogleGenAI, model: string, config: object = {}) =>
  ai.models.generateContent({ model, contents: 'Hi', config });
const stream = (ai: GoogleGenAI, model: string, config: object = {}) =>
  ai.models.generateContentStream({ model, contents: 'Hi', config });
const weather: CallableTool = {
  tool: async () => ({ functionDeclarations: [{ name: 'weather' }] }),
  callTool: async (calls) =>
    calls.map(({ name }) => ({ functionResponse: { name: name ?? '', response: { degrees: 21 } } })),
};

/** Everything a program can do with a Google client, as far as the wrapper could spoil it. */
export const program: Program = {
  async client(url, isWrapped, isNewest) {
    const { GoogleGenAI: Client } = (await import(isNewest ? 'genai-newest' : '@google/genai')) as {
      GoogleGenAI: typeof GoogleGenAI;
    };
    const client = new Client({ apiKey: 'k', httpOptions: { baseUrl: url } });
    return isWrapped ? wrapGemini(client) : client;
  },
  steps: {
    plain: step((ai) => generate(ai, 'plain')),
    'promise and its keys': step(async (ai) => {
      const promise = generate(ai, 'plain');
      return [promise.constructor.name, Object.keys(promise), (await promise).text];
    }),
    'function call': step(async (ai) => (await generate(ai, 'tools')).functionCalls),
    thinking: step((ai) => generate(ai, 'thinking')),
    'several candidates': step((ai) => generate(ai, 'two', { candidateCount: 2 })),
    'mixed parts': step((ai) => generate(ai, 'mixed')),
    blocked: step((ai) => generate(ai, 'blocked')),
    'params left as they were': step(async (ai) => {
      const params = { model: 'plain', contents: ['a', { text: 'b' }], config: { temperature: 0.5 } };
      await ai.models.generateContent(params);
      return params;
    }),
    streamed: step(async (ai) => drain(await stream(ai, 'thinking'))),
    'streamed function call': step(async (ai) => drain(await stream(ai, 'tools'))),
    'stream and its keys': step(async (ai) => {
      const reply = await stream(ai, 'plain');
      return [
        Object.keys(reply),
        String(reply),
        reply[Symbol.asyncIterator]() === reply,
        await reply.next(),
        await reply.return(undefined),
        await reply.next(),
      ];
    }),
    'thrown into': step(async (ai) => {
      const reply = await stream(ai, 'plain');
      await reply.next();
      return [await reply.throw(new Error('mine')).catch(String), await reply.next()];
    }),
    'broken off': step(async (ai) => {
      const reply = await stream(ai, 'stall');
      for await (const _ of reply) break;
      return reply.next();
    }),
    'thrown from the loop': step(async (ai) => {
      for await (const _ of await stream(ai, 'stall')) throw new Error('mine');
    }),
    'aborted inside': step(async (ai) => {
      const controller = new AbortController();
      for await (const _ of await stream(ai, 'stall', { abortSignal: controller.signal })) controller.abort();
    }),
    'aborted before the headers': step((ai) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 250);
      return generate(ai, 'hang', { abortSignal: controller.signal });
    }),
    'aborted before the call': step((ai) => generate(ai, 'plain', { abortSignal: AbortSignal.abort() })),
    'timed out': step((ai) => generate(ai, 'hang', { httpOptions: { timeout: 300 } })),
    'bad request': step((ai) => generate(ai, 'bad')),
    'bad request, streamed': step((ai) => stream(ai, 'bad')),
    'malformed body': step((ai) => generate(ai, 'malformed')),
    'connection cut before': step((ai) => generate(ai, 'cut-first')),
    'cut inside': step(async (ai) => drain(await stream(ai, 'cut'))),
    'malformed inside': step(async (ai) => drain(await stream(ai, 'malformed-inside'))),
    retried: step((ai) => generate(ai, 'limited-once', { httpOptions: { retryOptions: { attempts: 2 } } })),
    'no params': step((ai) => ai.models.generateContent(undefined as never)),
    chat: step(async (ai) => {
      const chat = ai.chats.create({ model: 'plain' });
      await chat.sendMessage({ message: 'Hi' });
      await drain(await chat.sendMessageStream({ message: 'Again' }));
      return chat.getHistory();
    }),
    'functions called by themselves': step((ai) => generate(ai, 'tools', { tools: [weather] })),
    'functions called by themselves, streamed': step(async (ai) =>
      drain(await stream(ai, 'tools', { tools: [weather] })),
    ),
    embeddings: step((ai) => ai.models.embedContent({ model: 'embed', contents: ['a', 'b'] })),
    'embeddings, failing': step((ai) => ai.models.embedContent({ model: 'bad', contents: 'a' })),
    parallel: step((ai) =>
      Promise.all([generate(ai, 'plain'), generate(ai, 'bad').catch(String), stream(ai, 'plain').then(drain)]),
    ),
    'forgotten success': step((ai) => {
      void generate(ai, 'plain');
    }),
    'forgotten failure': step((ai) => {
      void generate(ai, 'bad');
    }),
    'forgotten failure of an embedding': step((ai) => {
      void ai.models.embedContent({ model: 'bad', contents: 'a' });
    }),
  },
};
