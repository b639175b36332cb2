import { type Method, Patches, readOptions } from '../calls/patch.js';
import { fields, nonEmptyString } from '../calls/read-unknown.js';
import { createLog } from '../common/log.js';
import { currentFrame } from '../engine/scope.js';
import { currentOwner } from '../engine/session.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { openStep } from './adapter/step.js';
import { observeManager } from './google-adk/callbacks.js';
import type { Instrumented } from './google-adk/instrumented.js';
import { type AdkRunStart, RunObserver } from './google-adk/run.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';

/** The part of `@google/adk` that is patched: the classes of runners and agents. */
export interface GoogleADKModule {
  /** Runs an agent for a user. */
  readonly Runner: { readonly prototype: object };
  /** The base class of all agents. */
  readonly BaseAgent: { readonly prototype: object };
}

const mark = Symbol.for('pandaprobe.instrumented');

interface Marked {
  [mark]?: Instrumented & { readonly patches: Patches };
}

/** The name of traces, the same as in the vendor's package. */
const traceName = 'GoogleADK';

const log = createLog({ debug: false });

/**
 * Records every run of Google's Agent Development Kit as one tree: agents, model calls, tools, agents used as tools, and
 * transfers to other agents, with messages and tokens. Spans and wrapped clients in a tool nest in it; a wrapped client
 * records nothing in a model call of the framework.
 *
 * @example
 * ```ts
 * import * as adk from '@google/adk';
 * import { GoogleADKAdapter } from 'pandaprobe-ts/integrations/google-adk';
 *
 * new GoogleADKAdapter().instrument(adk);
 *
 * const agent = new adk.LlmAgent({ name: 'guide', model: 'gemini-2.5-flash', instruction: 'Answer in one line.' });
 * const runner = new adk.InMemoryRunner({ agent, appName: 'weather' });
 * const newMessage = { role: 'user', parts: [{ text: 'How warm is it in Oslo?' }] };
 * for await (const event of runner.runEphemeral({ userId: 'u-1', newMessage })) console.log(event.author);
 * ```
 */
export class GoogleADKAdapter {
  readonly #options: FrameworkOptions;

  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    this.#options = readOptions(options);
  }

  /**
   * Records every run from here on, also of existing runners. A second call only changes the options. Never throws.
   *
   * @param adk - the module, as `import * as adk` gives it
   * @returns whether runs are recorded
   */
  instrument(adk: GoogleADKModule): boolean {
    return guarded('Google ADK', 'instrument()', () => this.#instrument(adk)) === true;
  }

  /**
   * Removes the patches from the module's classes.
   *
   * @param adk - the module that was given to `instrument`
   * @returns whether runs were recorded before
   */
  uninstrument(adk: GoogleADKModule): boolean {
    const { Runner }: Partial<GoogleADKModule> = Object(adk);
    const before = markOf(Runner);
    if (before === undefined) return false;
    before.isOn = false;
    before.patches.restore();
    Reflect.deleteProperty(Object(Runner), mark);
    return true;
  }

  #instrument({ Runner, BaseAgent }: GoogleADKModule): boolean {
    const before = markOf(Runner);
    if (before !== undefined) {
      before.options = this.#options;
      return true;
    }
    const patches = new Patches();
    const instrumented = { options: this.#options, isOn: true, patches };
    const isKnown =
      patches.method(Runner?.prototype, 'runAsync', (original) => recordedRunner(original, instrumented)) &&
      patches.method(BaseAgent?.prototype, 'runAsync', (original) => recordedAgent(original, instrumented));
    if (isKnown) Object.defineProperty(Runner, mark, { value: instrumented, configurable: true });
    else {
      patches.restore();
      log.warn(
        'Google ADK of another version',
        'expected the module @google/adk with Runner and BaseAgent that have runAsync(), got another: its runs are not recorded',
      );
    }
    return isKnown;
  }
}

function markOf(runner: unknown): Marked[typeof mark] {
  return Object.getOwnPropertyDescriptor(Object(runner), mark)?.value;
}

function recordedRunner(original: Method, instrumented: Instrumented): Method {
  return function runAsync(this: unknown, ...args) {
    const events = original.apply(this, args);
    guarded('Google ADK', 'a run', () => {
      const start = runnerStart(this, args[0], instrumented);
      if (start !== undefined) RunObserver.follow(events as AsyncGenerator, start);
    });
    return events;
  };
}

function recordedAgent(original: Method, instrumented: Instrumented): Method {
  return function runAsync(this: unknown, ...args) {
    const events = original.apply(this, args);
    guarded('Google ADK', 'an agent', () =>
      RunObserver.follow(events as AsyncGenerator, agentStart(this, args[0], instrumented)),
    );
    return events;
  };
}

/*
 * These are functions of their own, so that what they return does not reference the generator: it could never be
 * garbage-collected.
 */

function runnerStart(runner: unknown, params: unknown, instrumented: Instrumented): AdkRunStart | undefined {
  const { pluginManager, appName } = runner as { readonly pluginManager?: unknown; readonly appName?: unknown };
  observeManager(pluginManager, instrumented);
  const outside = currentFrame();
  const { showInternals, sessionId, userId } = instrumented.options;
  // An agent that is used as a tool has a runner of its own. The tool's span already has the runner's input and output.
  if (outside.ambient.toolSpan?.ended === false && showInternals !== true) return undefined;
  const given = fields(params);
  const options = {
    ...instrumented.options,
    sessionId: sessionId ?? currentOwner('sessionId', outside) ?? nonEmptyString(given.sessionId),
    userId: userId ?? currentOwner('userId', outside) ?? nonEmptyString(given.userId),
  };
  const open = () => openStep(nonEmptyString(appName) ?? 'runner', 'CHAIN', options, outside, { traceName });
  const isAborted = () => (given.abortSignal as AbortSignal | undefined)?.aborted === true;
  return { open, outside, options, message: given.newMessage, isAborted };
}

function agentStart(agent: unknown, context: unknown, instrumented: Instrumented): AdkRunStart {
  const { name } = agent as { readonly name?: unknown };
  const { userContent, abortSignal, pluginManager } = context as Readonly<Record<string, unknown>>;
  observeManager(pluginManager, instrumented);
  const { options } = instrumented;
  const outside = currentFrame();
  const open = () => openStep(nonEmptyString(name) ?? 'agent', 'AGENT', options, outside, { traceName });
  const isAborted = () => (abortSignal as AbortSignal | undefined)?.aborted === true;
  return { open, outside, options, message: userContent, isAborted };
}
