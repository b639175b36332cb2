// Compiled, not run: the plugin fits the framework's own types.
import { Agent, type Plugin } from '@strands-agents/sdk';
import { type FrameworkOptions, pandaProbePlugin, unwrap } from '../../lib/integrations/strands.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false };

export const plugin: Plugin = pandaProbePlugin(options);
export const agent: Agent = unwrap(new Agent({ plugins: [plugin, pandaProbePlugin()] }));
// @ts-expect-error there is no such option
pandaProbePlugin({ streamUsage: true });
