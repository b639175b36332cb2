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
  /** Milliseconds to the first piece. */
  readonly stream: () => Promise<number>;
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

  async function perCall(call: () => Promise<unknown>, calls: number): Promise<Cost> {
    collectGarbage();
    const costSince = startMeter();
    const firsts: unknown[] = [];
    for (let at = 0; at < calls; at += 1) firsts.push(await call());
    await peer.flush();
    const { mainCpu, active } = costSince();
    const cost = ((Number.isNaN(mainCpu) ? active : mainCpu) * 1000) / calls;
    return { cost, first: quantile(firsts.map(Number), 0.5) * 1000 };
  }

  /** The bare costs, and what is added, in the middle of the rounds. */
  async function compare(of: keyof Calls, calls: number) {
    await perCall(bare[of], calls);
    await perCall(wrapped[of], calls);
    const costs: Cost[] = [];
    const added: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const without = await perCall(bare[of], calls);
      const { cost, first } = await perCall(wrapped[of], calls);
      costs.push(without);
      added.push({ cost: cost - without.cost, first: first - without.first });
      await sink.reset();
    }
    return [middle(costs), middle(added)] as const;
  }

  const [bareCall, call] = await compare('whole', count);
  const [bareStream, stream] = await compare('stream', Math.ceil(count / callsPerStream));
  return {
    ...{ call: call.cost, bareCall: bareCall.cost },
    ...{ chunk: stream.cost / chunksPerStream, bareChunk: bareStream.cost / chunksPerStream },
    ...{ first: stream.first, bareFirst: bareStream.first },
  };
};

/** Of a call, in microseconds: of the main thread, and until the first piece is there. */
interface Cost {
  readonly cost: number;
  readonly first: number;
}

function middle(costs: readonly Cost[]): Cost {
  const of = (key: keyof Cost) =>
    quantile(
      costs.map((each) => each[key]),
      0.5,
    );
  return { cost: of('cost'), first: of('first') };
}

async function client(provider: Provider, url: string): Promise<object> {
  if (provider === 'openai') {
    const { default: Client } = await load<{ default: typeof OpenAI }>('openai');
    return new Client({ apiKey: 'sk-bench', baseURL: `${url}/v1` });
  }
  if (provider === 'langchain') {
    const { ChatOpenAI } = await load<{ ChatOpenAI: new (options: object) => object }>('@langchain/openai');
    const configuration = { baseURL: `${url}/v1` };
    return { model: new ChatOpenAI({ model: 'gpt-5.4-mini', apiKey: 'sk-bench', configuration }), callbacks: [] };
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

/** The part of LangChain that is called, and what each call is given. */
interface LangChain {
  readonly model: {
    invoke(input: object, options: object): Promise<unknown>;
    stream(input: object, options: object): Promise<AsyncIterable<unknown>>;
  };
  readonly callbacks: readonly object[];
}

const messages = [{ role: 'user' as const, content: `he said "${'words '.repeat(80)}"` }];

function callsOf(provider: Provider, of: object): Calls {
  if (provider === 'openai') {
    const { chat } = of as OpenAI; // made above
    const request = { model: 'gpt-5.4-mini', messages };
    return {
      whole: () => chat.completions.create(request),
      stream: () =>
        read(chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })),
    };
  }
  if (provider === 'ai-sdk') {
    const { generateText, streamText, model, telemetry } = of as Sdk; // made above
    return {
      whole: () => generateText({ model, messages, telemetry }),
      stream: () => read(streamText({ model, messages, telemetry }).textStream),
    };
  }
  if (provider === 'langchain') {
    const { model, callbacks } = of as LangChain; // made above
    return {
      whole: () => model.invoke(messages, { callbacks }),
      stream: () => read(model.stream(messages, { callbacks })),
    };
  }
  const { messages: resource } = of as Anthropic; // made above
  const request = { model: 'claude-sonnet-5', max_tokens: 1000, messages };
  return {
    whole: () => resource.create(request),
    stream: () => read(resource.create({ ...request, stream: true })),
  };
}

async function read(asked: AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>): Promise<number> {
  const startedAt = performance.now();
  let first = 0;
  for await (const _ of await asked) first ||= performance.now() - startedAt;
  return first;
}
