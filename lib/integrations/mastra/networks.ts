import { type Method, patchMethod } from '../../calls/patch.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { currentFrame, parentIn, within } from '../../engine/scope.js';
import { currentOwner } from '../../engine/session.js';
import type { SpanNode } from '../../engine/span-node.js';
import { lastUserMessage } from '../../model/messages.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { wrapGenerate, wrapStream } from '../vercel-ai/middleware.js';
import { askedMessages } from './model-call.js';

/*
 * A network is an agent that repeatedly chooses who does the next step. Mastra reports the chosen runs, each as a trace of its
 * own, but neither the network, nor the model calls that choose, nor its tools. So three methods of the class `Agent` are
 * patched:
 *
 *     network(), resumeNetwork()    AGENT; what is chosen runs in its flow, and nests
 *     getModel()                    in a network: a model whose calls are recorded
 *     listTools()                   in a network: tools whose calls are recorded
 *
 * Agents of a Mastra without an exporter of this package are left alone.
 */

/** State that all copies of this package in a process share, because one of them may have been attached without code. */
interface Shared {
  /** The options of the first exporter of each Mastra. */
  readonly options: WeakMap<object, FrameworkOptions>;
  /** The agent of each running network, by the network's span. */
  readonly agents: WeakMap<SpanNode, object>;
  /** The prototypes of the classes whose methods are patched. */
  readonly patched: WeakSet<object>;
}

const sharedKey = Symbol.for('pandaprobe.mastra.networks.v1');
const holder = globalThis as { [sharedKey]?: Shared };
holder[sharedKey] ??= { options: new WeakMap(), agents: new WeakMap(), patched: new WeakSet() };
const shared = holder[sharedKey];

/** Records the networks of a Mastra's agents, including agents that are added later. */
export function recordNetworks(mastra: object, options: FrameworkOptions): void {
  if (!shared.options.has(mastra)) shared.options.set(mastra, options);
  const list: unknown = Reflect.get(mastra, 'listAgents');
  if (typeof list !== 'function') return;
  for (const agent of Object.values(fields(Reflect.apply(list, mastra, [])))) {
    const owner = typeof agent === 'object' && agent !== null ? ownerOf(agent, 'network') : undefined;
    if (owner === undefined || shared.patched.has(owner)) continue;
    shared.patched.add(owner);
    patchClass(owner);
  }
}

/** The object that has the method itself: the prototype of its class. */
function ownerOf(agent: object, name: string): object | undefined {
  let owner: object | null = agent;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}

function patchClass(owner: object): void {
  for (const name of ['network', 'resumeNetwork']) {
    patchOwn(owner, name, (original) => {
      return async function network(this: unknown, ...args) {
        return recordedNetwork(this, name === 'network' ? args[0] : undefined, args[1], () =>
          Reflect.apply(original, this, args),
        );
      };
    });
  }
  patchOwn(owner, 'getModel', (original) => {
    return function getModel(this: unknown, ...args) {
      return inNetwork(this, Reflect.apply(original, this, args), recordedModel);
    };
  });
  patchOwn(owner, 'listTools', (original) => {
    return function listTools(this: unknown, ...args) {
      return inNetwork(this, Reflect.apply(original, this, args), recordedTools);
    };
  });
}

/** Replaces a method that `owner` has itself. */
function patchOwn(owner: object, name: string, wrap: (original: Method) => Method): void {
  const original: unknown = Object.getOwnPropertyDescriptor(owner, name)?.value;
  if (typeof original === 'function') patchMethod(owner, name, wrap(original as Method));
}

function optionsFor(agent: unknown): FrameworkOptions | undefined {
  const { getMastraInstance } = fields(agent);
  const mastra: unknown =
    typeof getMastraInstance === 'function' ? Reflect.apply(getMastraInstance, agent, []) : undefined;
  return typeof mastra === 'object' && mastra !== null ? shared.options.get(mastra) : undefined;
}

async function recordedNetwork(agent: unknown, asked: unknown, given: unknown, start: () => unknown): Promise<unknown> {
  const opened = guarded('Mastra', 'a network', () => open(agent, asked, fields(given)));
  if (opened === undefined) return start();
  const { record, frame } = opened;
  try {
    const stream = await within(frame, start);
    guarded('Mastra', 'a network', () => endWith(fields(stream).result, record));
    return stream;
  } catch (error) {
    guarded('Mastra', 'a network', () => {
      record.fail(error);
      record.end();
    });
    throw error;
  }
}

function open(agent: unknown, asked: unknown, { memory }: Fields): { record: StepRecord; frame: Frame } | undefined {
  const options = optionsFor(agent);
  if (options === undefined || typeof agent !== 'object' || agent === null) return undefined;
  const outside = currentFrame();
  const { thread, resource } = fields(memory);
  const ofTrace: FrameworkOptions = {
    ...options,
    sessionId:
      options.sessionId ??
      currentOwner('sessionId', outside) ??
      nonEmptyString(thread) ??
      nonEmptyString(fields(thread).id),
    userId: options.userId ?? currentOwner('userId', outside) ?? nonEmptyString(resource),
  };
  const { name } = fields(agent);
  const step = openStep(nonEmptyString(name) ?? 'network', 'AGENT', ofTrace, outside);
  if (step === undefined) return undefined;
  shared.agents.set(step.span, agent);
  const record = new StepRecord(step, options);
  const messages = askedMessages(typeof asked === 'string' ? [{ role: 'user', content: asked }] : asked);
  if (messages.length > 0) record.input({ messages }, lastUserMessage({ messages }));
  return { record, frame: callbackFrame(step.span, outside) };
}

/** @param result - a promise of the result of the network's workflow; it settles when the stream ends */
async function endWith(result: unknown, record: StepRecord): Promise<void> {
  try {
    const { status, result: given, error } = fields(await result);
    guarded('Mastra', 'the end of a network', () => {
      const text = nonEmptyString(fields(given).result);
      record.output(text && { messages: [{ role: 'assistant', content: text }] });
      if (status === 'failed') record.fail(error);
      else if (status !== 'success') record.metadata({ status: nonEmptyString(status) });
      record.end();
    });
  } catch (error) {
    guarded('Mastra', 'the end of a network', () => {
      record.fail(error);
      record.end();
    });
  }
}

/** Returns `given` (a model, tools, or a promise of them). If the network of this agent is running, it is changed first. */
function inNetwork(
  agent: unknown,
  given: unknown,
  change: (value: object, options: FrameworkOptions) => object,
): unknown {
  const changed = guarded('Mastra', 'a network', () => {
    const span = parentIn(currentFrame());
    const options = span !== undefined && shared.agents.get(span) === agent ? optionsFor(agent) : undefined;
    if (options === undefined) return undefined;
    const one = (value: unknown) => (typeof value === 'object' && value !== null ? change(value, options) : value);
    return { value: given instanceof Promise ? given.then(one) : one(given) };
  });
  return changed === undefined ? given : changed.value;
}

function recordedModel(model: object, options: FrameworkOptions): object {
  const ways: Readonly<Record<PropertyKey, typeof wrapGenerate | undefined>> = {
    doGenerate: wrapGenerate,
    doStream: wrapStream,
  };
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'constructor') return value;
      const way = ways[name];
      const call = (...args: unknown[]) => Reflect.apply(value, target, args);
      if (way === undefined) return call;
      return (params: object) => way({ params, model: target }, () => call(params) as Promise<unknown>, options);
    },
  });
}

function recordedTools(tools: object, options: FrameworkOptions): object {
  return Object.fromEntries(
    Object.entries(tools).map(([name, tool]) => [
      name,
      typeof fields(tool).execute === 'function' ? recordedTool(name, tool as object, options) : tool,
    ]),
  );
}

function recordedTool(name: string, tool: object, options: FrameworkOptions): object {
  return new Proxy(tool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key !== 'execute' || typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const outside = currentFrame();
        const step = guarded('Mastra', 'a tool', () => openStep(name, 'TOOL', options, outside));
        const execute = () => Reflect.apply(value, target, args);
        if (step === undefined) return execute();
        const record = new StepRecord(step, options);
        guarded('Mastra', 'a tool', () => record.input(args[0]));
        try {
          const result = await within(toolFrame(step.span, outside), execute);
          guarded('Mastra', 'a tool', () => record.output(result));
          return result;
        } catch (error) {
          guarded('Mastra', 'a tool', () => record.fail(error));
          throw error;
        } finally {
          guarded('Mastra', 'a tool', () => record.end());
        }
      };
    },
  });
}
