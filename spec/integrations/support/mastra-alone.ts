// A program that does nothing but run an agent twice, and prints what was recorded: nothing of the first run stays current.

import { PandaProbeExporter } from '../../../lib/integrations/mastra.js';
import { record } from '../../support/recorded.js';
import { startModels } from './fake-models.js';
import { loadMastra } from './mastra-scene.js';
import { statusTree } from './status-tree.js';

const models = await startModels([{ text: 'Cold.' }]);
const { mastra } = await loadMastra(models.url, () => {}, undefined as never);
const boss = mastra([new PandaProbeExporter()]).getAgent('boss' as never) as {
  generate(text: string): Promise<unknown>;
};
const recorded = record();
await boss.generate('How warm is it?');
await boss.generate('And now?');
console.log(statusTree(recorded.traces));
process.exit();
