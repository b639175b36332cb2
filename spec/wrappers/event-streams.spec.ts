import { expect } from 'chai';
import { init, MemorySink, type SpanView, startTrace, traceFunction, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { until } from '../support/until.js';
import { anthropic } from './support/anthropic-wire.js';
import { bare } from './support/clients.js';
import { openAI } from './support/openai-wire.js';

type OpenAI = ReturnType<typeof bare.openai>;
type Anthropic = ReturnType<typeof bare.anthropic>;

/** What the helpers of all these clients have in common. */
interface Helper extends AsyncIterable<unknown> {
  on(event: string, listener: (...args: never[]) => void): Helper;
  done(): Promise<unknown>;
  abort(): void;
}

const messages = [{ role: 'user' as const, content: 'Hi' }];
const drain = async (stream: AsyncIterable<unknown>) => {
  let count = 0;
  for await (const _ of stream) count += 1;
  return count;
};
const message = (error: Error) => error.constructor.name;

/** How every helper can be read. */
const readings: Record<string, (helper: Helper) => unknown> = {
  'done()': (helper) => helper.done(),
  "on('end')": (helper) => new Promise<void>((resolve) => void helper.on('end', () => resolve())),
  'a loop': drain,
  'a loop that breaks off': async (helper) => {
    for await (const _ of helper) break;
  },
  'a loop, and a listener': async (helper) => {
    let heard = 0;
    const count = () => {
      heard += 1;
    };
    helper.on('chunk', count).on('event', count).on('streamEvent', count);
    return [await drain(helper), heard];
  },
  'a slow loop': async (helper) => {
    let count = 0;
    for await (const _ of helper) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      count += 1;
    }
    return count;
  },
};
/** How some can. */
const method = (name: string) => (helper: Helper) => (Reflect.get(helper, name) as () => Promise<unknown>).call(helper);
const readable = (helper: Helper) => drain(Reflect.apply(Reflect.get(helper, 'toReadableStream'), helper, []));
const failings: Record<string, (helper: Helper) => unknown> = {
  'done(), failing': (helper) => helper.done().catch(message),
  "on('error')": (helper) =>
    new Promise((resolve) => void helper.on('error', (error: Error) => resolve(error.constructor.name))),
  'a loop, failing': (helper) => drain(helper).catch(message),
};
const abort = (helper: Helper) => {
  for (const event of ['chunk', 'event', 'streamEvent', 'chatCompletion']) helper.on(event, () => helper.abort());
  return helper.done().catch(message);
};

interface Case<C> {
  readonly wrap: (client: C) => C;
  readonly open: (client: C, model: string) => Helper;
  readonly more: Record<string, (helper: Helper) => unknown>;
  readonly isStreamed: boolean;
  readonly span: string;
}

const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', parameters: { type: 'object' as const }, function: () => '21', description: 'it' },
  },
];
const chatReadings = {
  'finalContent()': method('finalContent'),
  'finalMessage()': method('finalMessage'),
  'finalChatCompletion()': method('finalChatCompletion'),
  'totalUsage()': method('totalUsage'),
};
const chat = (open: Case<OpenAI>['open'], isStreamed = true): Case<OpenAI> => ({
  wrap: (client) => wrapOpenAI(client),
  open,
  isStreamed,
  span: 'openai-chat',
  more: isStreamed ? { ...chatReadings, 'toReadableStream()': readable } : chatReadings,
});
const claude = (open: Case<Anthropic>['open']): Case<Anthropic> => ({
  wrap: (client) => wrapAnthropic(client),
  open,
  isStreamed: true,
  span: 'anthropic-messages',
  more: {
    'finalMessage()': method('finalMessage'),
    'finalText()': method('finalText'),
    'withResponse()': async (helper) => {
      await method('withResponse')(helper);
      return helper.done();
    },
    'toReadableStream()': readable,
  },
});

const stream_options = { include_usage: true };
const openAICases: Record<string, Case<OpenAI>> = {
  'chat.completions.stream()': chat((client, model) =>
    client.chat.completions.stream({ model, messages, stream_options }),
  ),
  'chat.completions.runTools(), streamed': chat((client, model) =>
    client.chat.completions.runTools({ model, messages, tools, stream: true, stream_options }),
  ),
  'chat.completions.runTools()': chat(
    (client, model) => client.chat.completions.runTools({ model, messages, tools }) as unknown as Helper, // one that is not streamed cannot be iterated
    false,
  ),
  'responses.stream()': {
    ...chat((client, model) => client.responses.stream({ model, input: 'Hi' })),
    span: 'openai-response',
    more: { 'finalResponse()': method('finalResponse') },
  },
};
const claudeCases: Record<string, Case<Anthropic>> = {
  'messages.stream()': claude((client, model) => client.messages.stream({ model, messages, max_tokens: 100 })),
  'beta.messages.stream()': claude((client, model) =>
    client.beta.messages.stream({ model, messages, max_tokens: 100 }),
  ),
};

function describeHelpers<C>(
  cases: Record<string, Case<C>>,
  answer: Parameters<typeof startProvider>[0],
  make: (url: string) => C,
): void {
  let provider: Provider;
  let memory: MemorySink;
  let plain: C;
  let wrapped: C;
  before(async () => {
    provider = await startProvider(answer);
    plain = make(provider.url);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });

  for (const [name, { wrap, open, more, isStreamed, span }] of Object.entries(cases)) {
    const all = Object.entries({ ...readings, ...more }).filter(([reading]) => isStreamed || !reading.includes('loop'));
    const wanted = [
      ...all.map(([reading, read]) => ({ reading, read, model: 'plain', fails: false })),
      ...Object.entries(failings)
        .filter(([reading]) => isStreamed || !reading.includes('loop'))
        .map(([reading, read]) => ({ reading, read, model: 'bad', fails: true })),
      ...(isStreamed ? [{ reading: 'abort()', read: abort, model: 'stall', fails: true }] : []),
    ];
    for (const { reading, read, model, fails } of wanted) {
      it(`${name} read by ${reading} ends the trace of the function that gave it, with what came`, async () => {
        const expected = await read(open(plain, model));
        let made: Helper | undefined;
        const ask = traceFunction(() => {
          made = open(plain, model);
          return made;
        });
        const helper = ask();
        expect(helper).to.equal(made);
        expect(await read(helper)).to.deep.equal(expected);
        await until(() => memory.traces.length === 1);
        const [trace] = memory.traces;
        expect(trace?.status).to.equal(fails ? 'ERROR' : 'COMPLETED');
        if (model === 'bad') expect(JSON.stringify(trace?.metadata)).to.match(/nope/);
        else expect(trace?.output).to.be.an('array').and.not.empty;
      });

      it(`${name} of a wrapped client read by ${reading} ends its span and the trace around`, async () => {
        wrapped ??= wrap(make(provider.url));
        const expected = await read(open(plain, model));
        expect(await withTrace('agent', async () => await read(open(wrapped, model)))).to.deep.equal(expected);
        const handle = startTrace('handle');
        expect(await read(open(wrapped, model))).to.deep.equal(expected);
        handle.end();
        await until(() => memory.traces.length === 2);
        for (const trace of memory.traces) {
          const [found] = trace.spans as [SpanView];
          expect(found.name).to.equal(span);
          expect(found.status).to.equal(model === 'bad' ? 'ERROR' : 'OK');
          if (model !== 'plain' || reading.includes('breaks')) continue;
          expect(found.metadata).to.not.have.any.keys('stream_incomplete', 'pandaprobe.unfinished');
          expect(found.output).to.have.nested.property('messages[0].content').that.is.a('string');
          expect(found.tokenUsage).to.have.property('completion_tokens').above(0);
        }
      });
    }
  }
}

describe('P18 Stream helpers of OpenAI', () => describeHelpers(openAICases, openAI, bare.openai));
describe('P18 Stream helpers of Anthropic', () => describeHelpers(claudeCases, anthropic, bare.anthropic));
