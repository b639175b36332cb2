// Runs a sample against a local server in this process, and prints what arrived:
//
//     npm run sample -- <name>
//     npm run sample -- <name> --live    against your own backend; needs PANDAPROBE_API_KEY
import { launch, receiverEnv, sampleFile, sampleNames, sampleProject } from './launch.js';
import { paintFor } from './paint.js';
import { startReceiving } from './receiving/receiving.js';
import { renderTrees } from './tree.js';

const paint = paintFor(process.stdout, process.env);
const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('--'));

if (name === undefined || !sampleNames().includes(name)) {
  console.error(`expected the name of a sample, got ${name ?? 'none'}; there are: ${sampleNames().join(', ')}`);
  process.exitCode = 2;
} else if (!args.includes('--live')) {
  process.exitCode = await runHere(name);
} else if (process.env.PANDAPROBE_API_KEY === undefined) {
  console.error(
    '--live sends to your own backend: set PANDAPROBE_API_KEY, and PANDAPROBE_ENDPOINT if it is not the default',
  );
  process.exitCode = 2;
} else {
  const project = process.env.PANDAPROBE_PROJECT_NAME ?? sampleProject;
  const ending = await launch(sampleFile(name), { PANDAPROBE_PROJECT_NAME: project }, { echo: true });
  process.exitCode = ending.code ?? 1;
}

async function runHere(sample: string): Promise<number> {
  await using receiving = await startReceiving(sampleProject);
  const ending = await launch(sampleFile(sample), receiverEnv(receiving.server.url), { echo: true });
  const { traces, problems } = await receiving.readBack();
  const isFine = traces.length > 0 && problems.length === 0;
  console.log(`\n${renderTrees(traces, { paint })}\n`);
  const verdict = problems.length === 0 ? 'all valid against the contract' : `${problems.length} against the contract`;
  console.log(
    paint(
      isFine ? 'green' : 'red',
      `received ${traces.length} ${traces.length === 1 ? 'trace' : 'traces'}, ${verdict}`,
    ),
  );
  for (const problem of problems) console.log(paint('red', problem));
  return ending.code === 0 && isFine ? 0 : 1;
}
