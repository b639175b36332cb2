// A real agent run on real input, with no key and no network: an agent answers a question about this project from the
// project's own files, the SDK records it and sends it over HTTP to the local server of this project, in this process.
// Every request is checked against the backend's contract on its way, and the trace is read back from the server. In a
// terminal the server stays for as long as its viewer is open.
//
//     npm run demo
//     npm run demo -- "how do I mask secrets?"
import { fileURLToPath } from 'node:url';
import { HttpSink, init, MemorySink, score, shutdown, startTrace } from 'pandaprobe-ts';
import { paintFor } from '../paint.js';
import { startReceiving } from '../receiving/receiving.js';
import { DocsAgent } from './agent.js';
import { coverage } from './answer.js';
import { isWatched, stayOpen } from './ending.js';
import { Library } from './library.js';
import { estimateCost } from './price.js';
import { printTraces, receipt } from './print.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const paint = paintFor(process.stdout, process.env);
const question =
  process.argv.slice(2).join(' ').trim() || 'What is a session, and is anything lost when the process exits?';

/** One question, one trace: a handle around it, a span opened by hand, a callback, and decorated methods inside. */
async function ask(): Promise<void> {
  await using t = startTrace('docs-support', {
    input: { messages: [{ role: 'user', content: question }] },
    sessionId: 'demo-session',
    userId: 'demo-user',
    tags: ['demo', 'docs'],
    metadata: { answers: 'extractive' },
  });

  let library: Library;
  {
    using s = t.span('read-documentation');
    library = await Library.read(root);
    s.setOutput({ passages: library.sizes, words: library.index.vocabularySize });
  }

  const answer = await t.withSpan('docs-agent', { kind: 'AGENT', input: { question } }, async (s) => {
    let text = '';
    for await (const chunk of new DocsAgent(library).answer(question)) {
      process.stdout.write(chunk);
      text += chunk;
    }
    s.setOutput({ answer: text });
    return text;
  });

  t.setOutput({ messages: [{ role: 'assistant', content: answer }] });
  const reason = 'share of the words asked that the answer speaks of';
  score(t.traceId, 'coverage', coverage(question, answer, library.index), { reason });
}

const project = 'docs-demo';
await using receiving = await startReceiving(project);
const recorded = new MemorySink();
const http = new HttpSink({ apiKey: 'sk_pp_demo', projectName: project, endpoint: receiving.server.url });
init({ enabled: true, sampleRate: 1, estimateCost, sinks: [recorded, http] });

console.log(`${paint('bold', 'question')}  ${question}\n`);
await ask();
await shutdown();
const received = await receiving.readBack();
console.log();
printTraces(received.traces, paint);
console.log();
const { text, isFine } = receipt(received, recorded, paint);
console.log(text);
if (!isFine) process.exitCode = 1;
await stayOpen(receiving.server, received.links, isWatched(process), paint);
