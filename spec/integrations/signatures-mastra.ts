// Compiled, not run: the exporter fits the framework's own types.
import { Mastra } from '@mastra/core';
import type { ObservabilityExporter } from '@mastra/core/observability';
import { Observability } from '@mastra/observability';
import { type FrameworkOptions, PandaProbeExporter } from '../../lib/integrations/mastra.js';

const options: FrameworkOptions = { sessionId: 's', captureInput: false };

export const exporter: ObservabilityExporter = new PandaProbeExporter(options);
const exporters = [exporter, new PandaProbeExporter()];
export const mastra = new Mastra({
  observability: new Observability({ configs: { default: { serviceName: 's', exporters } } }),
});
// @ts-expect-error there is no such option
new PandaProbeExporter({ streamUsage: true });
