// A program for any runtime: decorators, a wrapped client that streams, is aborted and is refused, and two tenants at once.
import OpenAI from 'openai';
import { Client, flush, init, span, trace, withSpan, withTrace } from 'pandaprobe-ts';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

declare const Deno: { readonly args: readonly string[] } | undefined;
const [endpoint = '', provider = ''] = typeof Deno === 'undefined' ? process.argv.slice(2) : Deno.args;
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 2));

class Agent {
  @span({ kind: 'TOOL' })
  async search(word: string): Promise<string> {
    await pause();
    return word;
  }

  @trace()
  async ask(word: string): Promise<string> {
    await pause();
    return withSpan('again', () => this.search(word));
  }
}

async function chat(model: string, signal?: AbortSignal): Promise<string> {
  const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider}/v1`, maxRetries: 0 }));
  const asked = { model, messages: [{ role: 'user' as const, content: 'Hello' }], stream: true as const };
  let said = '';
  for await (const { choices } of await openai.chat.completions.create(asked, { signal: signal ?? null })) {
    said += choices[0]?.delta.content ?? '';
  }
  return said;
}

const words = (fault: unknown) => (fault instanceof Error ? fault.message : 'no error');

async function ofTenant(name: string): Promise<void> {
  const client = new Client({ apiKey: `sk_pp_${name}`, projectName: name, endpoint });
  await client.trace(`of ${name}`).run(async () => {
    for (const step of ['one', 'two']) await withSpan(`${step} of ${name}`, pause);
  });
  await client.flush();
}

init({ apiKey: 'sk_pp_key', projectName: 'trial', endpoint });
const said = await Promise.all([
  new Agent().ask('word'),
  withTrace('chat', () => chat('plain')),
  withTrace('refused', () => chat('refused')).catch(words),
  withTrace('abort', () => chat('hang', AbortSignal.timeout(200))).catch(words),
  ofTenant('a'),
  ofTenant('b'),
]);
console.log(JSON.stringify(said.slice(0, 4)));
await flush();
