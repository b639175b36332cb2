import { readOptions } from '../calls/patch.js';
import { getClient } from '../client/global-client.js';
import { canEnter } from '../engine/scope.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { recordNetworks } from './mastra/networks.js';
import { MastraRuns } from './mastra/runs.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';

/** An event that Mastra reports for one of its spans. */
export interface MastraTracingEvent {
  /** `span_started`, `span_updated` or `span_ended`. */
  readonly type: string;
  /** The span in its present state. */
  readonly exportedSpan: object;
}

/**
 * An exporter for Mastra's observability. It records every run of an agent or a workflow as one tree: model calls, tools, steps
 * and sub-agents, with messages and tokens. Spans and wrapped clients in a tool or a step nest in it; a wrapped client records
 * nothing in a model call of the framework.
 *
 * @example
 * ```ts
 * import { Mastra } from '@mastra/core';
 * import { Agent } from '@mastra/core/agent';
 * import { Observability } from '@mastra/observability';
 * import { PandaProbeExporter } from 'pandaprobe-ts/integrations/mastra';
 *
 * const guide = new Agent({ id: 'guide', name: 'guide', instructions: 'Be brief.', model: 'openai/gpt-5.4' });
 * const exporters = [new PandaProbeExporter()];
 * const observability = new Observability({ configs: { default: { serviceName: 'weather', exporters } } });
 * const mastra = new Mastra({ agents: { guide }, observability });
 *
 * await mastra.getAgent('guide').generate('How warm is it in Oslo?');
 * ```
 */
export class PandaProbeExporter {
  /** The name under which Mastra mentions the exporter. */
  readonly name = 'pandaprobe';
  readonly #options: FrameworkOptions;
  readonly #runs: MastraRuns;

  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    this.#options = readOptions(options);
    // Before Node 24, flows keep a current frame only after AsyncLocalStorage was used once. So it is used before the first run.
    canEnter();
    this.#runs = new MastraRuns(this.#options);
  }

  /** Mastra passes itself when its agents exist, so that their networks are recorded. */
  init({ mastra }: { readonly mastra?: object | undefined } = {}): void {
    if (mastra !== undefined) guarded('Mastra', 'networks', () => recordNetworks(mastra, this.#options));
  }

  /** Mastra calls this with each event, in the flow of the code that the event is about. Never rejects. */
  async onTracingEvent(event: MastraTracingEvent): Promise<void> {
    guarded('Mastra', 'a span', () => this.#runs.heard(event));
  }

  /** Does the same as `onTracingEvent`. Other versions of Mastra, and exporters that pass events on, call this name. */
  async exportTracingEvent(event: MastraTracingEvent): Promise<void> {
    await this.onTracingEvent(event);
  }

  /** Sends everything that was recorded so far. */
  async flush(): Promise<void> {
    await (this.#options.client ?? getClient()).flush();
  }

  /** Flushes when Mastra shuts down. The client stays open, because the rest of the program may use it. */
  async shutdown(): Promise<void> {
    await this.flush();
  }
}
