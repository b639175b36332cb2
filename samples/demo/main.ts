// A real agent run on real input, with no key and no network: an agent answers a question about this project from the
// project's own files, the SDK records it and sends it over HTTP to a receiver in this process, which checks every
// request against the backend's contract.
//
//     npm run demo
//     npm run demo -- "how do I mask secrets?"
import { fileURLToPath } from 'node:url';
import { HttpSink, init, MemorySink, score, shutdown, startTrace } from 'pandaprobe-ts';
import { checkBody } from '../../spec/support/contract.js';
import { startReceiver } from '../../spec/support/receiver.js';
import { paintFor } from '../paint.js';
import { DocsAgent } from './agent.js';
import { coverage } from './answer.js';
import { Library } from './library.js';
import { printTraces, receipt } from './print.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const paint = paintFor(process.stdout, process.env);
const question =
  process.argv.slice(2).join(' ').trim() || 'What is a session, and is anything lost when the process exits?';

/** One question, one trace: a handle around it, a span opened by hand, a body, and decorated methods inside. */
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

await using receiver = await startReceiver({ check: checkBody });
const recorded = new MemorySink();
const http = new HttpSink({ apiKey: 'sk_pp_demo', projectName: 'pandaprobe-ts demo', endpoint: receiver.url });
init({ enabled: true, sampleRate: 1, sinks: [recorded, http] });

console.log(`${paint('bold', 'question')}  ${question}\n`);
await ask();
await shutdown();
console.log();
printTraces(receiver, paint);
console.log();
const { text, isFine } = receipt(receiver, recorded, paint);
console.log(text);
if (!isFine) process.exitCode = 1;
