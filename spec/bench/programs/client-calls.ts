import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { load, type Peer, type Provider } from '../peers/peer.js';
import { chunksPerStream } from '../provider-replies.js';
import { collectGarbage, quantile, startMeter } from './meter.js';
import type { Program } from './program.js';

const defaultCalls = 300;
const rounds = 7;
/** Streams are long: fewer tell as much. */
const callsPerStream = 5;

/** The calls of one client that are measured. */
interface Calls {
  readonly whole: () => Promise<unknown>;
  readonly stream: () => Promise<void>;
}

/**
 * W10: what a wrapped client costs the main thread, until everything has been sent, over the same client unwrapped (a
 * framework, over the same with its telemetry off). Both ask one server in another process, in turns.
 */
export const clientCalls: Program = async ({ peer, sink, variant, count = defaultCalls }) => {
  const provider = variant as Provider; // the workload's variants are these
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: true });
  const bare = callsOf(provider, await client(provider, sink.url));
  const wrapped = callsOf(provider, await wrap(peer, provider, await client(provider, sink.url)));

  async function perCall(call: () => Promise<unknown>, calls: number): Promise<number> {
    collectGarbage();
    const costSince = startMeter();
    for (let at = 0; at < calls; at += 1) await call();
    await peer.flush();
    const { mainCpu, active } = costSince();
    return ((Number.isNaN(mainCpu) ? active : mainCpu) * 1000) / calls;
  }

  /** The bare cost, and what is added, in the middle of the rounds. */
  async function compare(of: keyof Calls, calls: number): Promise<readonly [bare: number, added: number]> {
    await perCall(bare[of], calls);
    await perCall(wrapped[of], calls);
    const costs: number[] = [];
    const added: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const cost = await perCall(bare[of], calls);
      costs.push(cost);
      added.push((await perCall(wrapped[of], calls)) - cost);
      await sink.reset();
    }
    return [quantile(costs, 0.5), quantile(added, 0.5)];
  }

  const [bareCall, call] = await compare('whole', count);
  const [bareStream, stream] = await compare('stream', Math.ceil(count / callsPerStream));
  return { call, bareCall, chunk: stream / chunksPerStream, bareChunk: bareStream / chunksPerStream };
};

async function client(provider: Provider, url: string): Promise<object> {
  if (provider === 'openai') {
    const { default: Client } = await load<{ default: typeof OpenAI }>('openai');
    return new Client({ apiKey: 'sk-bench', baseURL: `${url}/v1` });
  }
  if (provider === 'ai-sdk') {
    const { createOpenAI } = await load<{ createOpenAI(options: object): { chat(id: string): unknown } }>(
      '@ai-sdk/openai',
    );
    const model = createOpenAI({ apiKey: 'sk-bench', baseURL: `${url}/v1` }).chat('gpt-5.4-mini');
    return { ...(await load<Sdk>('ai')), model, telemetry: { isEnabled: false } };
  }
  const { default: Client } = await load<{ default: typeof Anthropic }>('@anthropic-ai/sdk');
  return new Client({ apiKey: 'sk-ant-bench', baseURL: url });
}

async function wrap(peer: Peer, provider: Provider, unwrapped: object): Promise<object> {
  const wrapClient = peer.clients?.[provider];
  if (wrapClient === undefined) throw new Error(`there is no wrapper for ${provider}`);
  return wrapClient(unwrapped);
}

/** The part of the Vercel AI SDK that is called, and what each call is given. */
interface Sdk {
  generateText(call: object): Promise<unknown>;
  streamText(call: object): { readonly textStream: AsyncIterable<unknown> };
  readonly model: unknown;
  readonly telemetry: object;
}

const messages = [{ role: 'user' as const, content: `he said "${'words '.repeat(80)}"` }];

function callsOf(provider: Provider, of: object): Calls {
  if (provider === 'openai') {
    const { chat } = of as OpenAI; // made above
    const request = { model: 'gpt-5.4-mini', messages };
    return {
      whole: () => chat.completions.create(request),
      stream: async () =>
        read(await chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })),
    };
  }
  if (provider === 'ai-sdk') {
    const { generateText, streamText, model, telemetry } = of as Sdk; // made above
    return {
      whole: () => generateText({ model, messages, telemetry }),
      stream: () => read(streamText({ model, messages, telemetry }).textStream),
    };
  }
  const { messages: resource } = of as Anthropic; // made above
  const request = { model: 'claude-sonnet-5', max_tokens: 1000, messages };
  return {
    whole: () => resource.create(request),
    stream: async () => read(await resource.create({ ...request, stream: true })),
  };
}

async function read(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
