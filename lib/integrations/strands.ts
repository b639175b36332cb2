import { type Patches, readOptions, unwrap as unwrapObject, wrapOnce } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { followStage } from './strands/follow-stage.js';
import { agentStage, modelStage, type OpenStage, toolStage } from './strands/stages.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';

/** A plugin for `plugins` of a Strands agent. */
export interface StrandsPlugin {
  /** No two plugins of an agent have the same. */
  readonly name: string;
  /** The framework calls it before the agent's first run. */
  initAgent(agent: object): void;
}

const said = { calls: 'runs', page: 'docs/integrations.md' };

/** An agent refuses two plugins of one name. */
let made = 0;

/**
 * A plugin that records every run of a Strands agent as one tree: the agent, its model calls and its tools, with the agents
 * that are tools, with messages and tokens. Spans and wrapped clients in a tool nest in it; in a model call of the framework a
 * wrapped client is silent. An agent that has it twice is recorded once.
 *
 * @param options - what is recorded, and by whom
 * @returns a plugin, which may be given to several agents
 * @throws UsageError `ERR_USAGE` when it is given options that cannot be used
 * @example
 * ```ts
 * import { Agent } from '@strands-agents/sdk';
 * import { pandaProbePlugin } from 'pandaprobe-ts/integrations/strands';
 *
 * const agent = new Agent({ name: 'guide', plugins: [pandaProbePlugin()] });
 * await agent.invoke('How warm is it in Oslo?');
 * ```
 */
export function pandaProbePlugin(options: FrameworkOptions = {}): StrandsPlugin {
  const own = readOptions(options);
  made += 1;
  return {
    name: made === 1 ? 'pandaprobe' : `pandaprobe-${made}`,
    initAgent(agent) {
      guarded('Strands', 'an agent', () => patchStages(agent, own));
    },
  };
}

/**
 * Removes the recording from an agent. Runs that have begun are recorded to their end.
 *
 * @param agent - recorded or not
 * @returns the same agent
 * @example
 * ```ts
 * import { Agent } from '@strands-agents/sdk';
 * import { pandaProbePlugin, unwrap } from 'pandaprobe-ts/integrations/strands';
 *
 * const agent = new Agent({ name: 'guide', plugins: [pandaProbePlugin()] });
 * unwrap(agent);
 * ```
 */
export function unwrap<A extends object>(agent: A): A {
  unwrapObject(stagesOf(agent) ?? agent);
  return agent;
}

/** Runs the stages of an agent: `agentStream`, and in it `invokeModel` and `executeTool`. */
function stagesOf(agent: object): object | undefined {
  const registry: unknown = Reflect.get(agent, '_middlewareRegistry');
  return typeof registry === 'object' && registry !== null ? registry : undefined;
}

type Run = (context: unknown) => AsyncGenerator;

/** Models are recorded inside of all middleware, so with the final request; agents and tools outside of it. */
const outer: Readonly<Record<string, OpenStage>> = { agentStream: agentStage, executeTool: toolStage };

function patchStages(agent: object, options: FrameworkOptions): void {
  const stages = stagesOf(agent);
  const patch = (patches: Patches) => {
    const isKnown = patches.method(stages, 'invoke', (original) => {
      return function invoke(stage, context, terminal, ...rest) {
        const name = `${fields(stage).name}`;
        const model: Run = (asked) => followStage((terminal as Run)(asked), asked, modelStage, options);
        const last = name === 'invokeModel' ? model : terminal;
        const run = original.apply(this, [stage, context, last, ...rest]) as AsyncGenerator; // as every stage gives
        const open = outer[name];
        return open === undefined ? run : followStage(run, context, open, options);
      };
    });
    return isKnown ? undefined : 'stages';
  };
  wrapOnce(stages ?? agent, 'a Strands agent', options, patch, said);
}
