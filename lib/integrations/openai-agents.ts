import { readOptions } from '../calls/patch.js';
import { createLog } from '../common/log.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { type AgentsTraceProcessor, TraceProcessor } from './openai-agents/trace-processor.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { AgentsTraceProcessor } from './openai-agents/trace-processor.js';

/** The part of `@openai/agents` that takes trace processors. */
export interface AgentsModule {
  /** Adds a trace processor that gets every run. */
  addTraceProcessor(processor: AgentsTraceProcessor): void;
}

/**
 * The global key under which all copies of the framework in a process share their tracing. Source: `@openai/agents-core` 0.20,
 * getGlobalTraceProvider.
 */
const provider = Symbol.for('openai.agents.core.traceProvider');
const mine = Symbol.for('pandaprobe.instrumented');

interface Provider {
  registerProcessor(processor: AgentsTraceProcessor): void;
  [mine]?: TraceProcessor;
}

const log = createLog({ debug: false });

/**
 * Records every run of the OpenAI Agents SDK as one tree: agents, model calls, tools, hand-offs and guardrails, with messages
 * and tokens. Spans and wrapped clients in a tool nest in it; a wrapped client records nothing in a model call of the framework.
 *
 * OpenAI's own export of traces still works; change it with `setTracingExportApiKey` and `setTraceProcessors` of the framework.
 * With `NODE_ENV=test` the framework traces nothing until `setTracingDisabled(false)` is called.
 *
 * @example
 * ```ts
 * import { Agent, run } from '@openai/agents';
 * import { OpenAIAgentsAdapter } from 'pandaprobe-ts/integrations/openai-agents';
 *
 * await new OpenAIAgentsAdapter().instrument();
 *
 * await run(new Agent({ name: 'guide', instructions: 'Answer in one line.' }), 'How warm is it in Oslo?');
 * ```
 */
export class OpenAIAgentsAdapter {
  readonly #options: FrameworkOptions;

  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    this.#options = readOptions(options);
  }

  /**
   * Records every run from here on, in all copies of the framework. Import the framework before, or pass it. A second call only
   * changes the options. Never rejects.
   *
   * @param agents - the module, if it was loaded in a way that separates it from the global one
   * @returns whether runs are recorded
   */
  async instrument(agents?: AgentsModule): Promise<boolean> {
    const isDone = guarded('OpenAI Agents', 'instrument()', () => this.#instrument(agents));
    return isDone === true;
  }

  /**
   * Stops recording new runs; running ones are recorded to their end.
   *
   * @returns whether runs were recorded before
   */
  uninstrument(): boolean {
    const processor = providerOf()?.[mine];
    if (processor === undefined || !processor.isOn) return false;
    processor.isOn = false;
    return true;
  }

  /**
   * Returns a processor for `addTraceProcessor` or `setTraceProcessors` of the framework, for programs that set up their
   * processors themselves.
   */
  createTraceProcessor(): AgentsTraceProcessor {
    return new TraceProcessor(this.#options);
  }

  #instrument(agents: AgentsModule | undefined): boolean {
    const found = providerOf();
    const before = found?.[mine];
    if (before !== undefined) {
      before.options = this.#options;
      before.isOn = true;
      if (!before.isRegistered) found?.registerProcessor(before);
      before.isRegistered = true;
      return true;
    }
    const processor = new TraceProcessor(this.#options);
    if (agents !== undefined && agents !== null) agents.addTraceProcessor(processor);
    else if (found !== undefined) found.registerProcessor(processor);
    else {
      log.warn(
        'OpenAI Agents is not loaded',
        'expected @openai/agents to be loaded before instrument(): its runs are not recorded; import it first, or hand the module over: instrument(agents)',
      );
      return false;
    }
    const target = found ?? providerOf();
    if (target !== undefined) {
      processor.observeAtOnce(target);
      processor.stayRegistered(target);
      Object.defineProperty(target, mine, { value: processor, configurable: true });
    }
    return true;
  }
}

function providerOf(): Provider | undefined {
  const found = (globalThis as { [provider]?: Provider })[provider];
  return typeof found?.registerProcessor === 'function' ? found : undefined;
}
