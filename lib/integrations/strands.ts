import { type Patches, readOptions, unwrap as unwrapObject, wrapOnce } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import { guarded } from './adapter/guarded.js';
import type { FrameworkOptions } from './adapter/options.js';
import { followStage } from './strands/follow-stage.js';
import { agentStage, modelStage, type OpenStage, toolStage } from './strands/stages.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';

/** A plugin for `plugins` of a Strands agent. */
export interface StrandsPlugin {
  /** The plugin's name, which is unique within an agent. */
  readonly name: string;
  /** The framework calls it before the agent's first run. */
  initAgent(agent: object): void;
}

const said = { calls: 'runs', page: 'docs/integrations.md' };

/** Makes names unique, because an agent refuses two plugins with the same name. */
let made = 0;

/**
 * Makes a plugin that records every run of a Strands agent as one tree: the agent, its model calls, its tools and agents used as
 * tools, with messages and tokens. Spans and wrapped clients in a tool nest in it; a wrapped client records nothing in a model
 * call of the framework. An agent that has the plugin twice is recorded once.
 *
 * @param options - what is recorded, and by which client
 * @returns a plugin for one or several agents
 * @throws UsageError `ERR_USAGE` if the options are invalid
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

type StrandsRun = (context: unknown) => AsyncGenerator;

/** Stages that are recorded outside of all middleware. Model calls are recorded inside of it, with the final request. */
const outer: Readonly<Record<string, OpenStage>> = { agentStream: agentStage, executeTool: toolStage };

function patchStages(agent: object, options: FrameworkOptions): void {
  const stages = stagesOf(agent);
  const patch = (patches: Patches) => {
    const isKnown = patches.method(stages, 'invoke', (original) => {
      return function invoke(stage, context, terminal, ...rest) {
        const name = `${fields(stage).name}`;
        const model: StrandsRun = (asked) => followStage((terminal as StrandsRun)(asked), asked, modelStage, options);
        const last = name === 'invokeModel' ? model : terminal;
        const run = original.apply(this, [stage, context, last, ...rest]) as AsyncGenerator; // every stage returns one
        const open = outer[name];
        return open === undefined ? run : followStage(run, context, open, options);
      };
    });
    return isKnown ? undefined : 'stages';
  };
  wrapOnce(stages ?? agent, 'a Strands agent', options, patch, said);
}
