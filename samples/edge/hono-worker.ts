// An agent behind Hono in a Cloudflare Worker. The settings are bindings of the Worker; what a request records is sent after its
// answer. Needs `nodejs_compat` among the compatibility_flags.
//
// turn  9 tokens  session ana
// └─ answer AGENT
//    ├─ search TOOL
//    └─ reply LLM gpt-5.4  9 tokens
import { Hono } from 'hono';
import { flushAfter, getCurrentSpan, init, session, span, withTrace } from 'pandaprobe-ts';

class WeatherAgent {
  @span({ kind: 'AGENT' })
  async answer(question: string): Promise<string> {
    return this.reply(question, await this.search(question));
  }

  @span({ kind: 'TOOL' })
  async search(_question: string): Promise<number> {
    return 21;
  }

  @span({ kind: 'LLM', model: 'gpt-5.4' })
  async reply(_question: string, degrees: number): Promise<string> {
    getCurrentSpan()?.setTokenUsage({ promptTokens: 6, completionTokens: 3 });
    return `It is ${degrees} °C.`;
  }
}

const agent = new WeatherAgent();
const app = new Hono<{ Bindings: Record<string, unknown> }>();
let isReady = false;

app.use(async (context, next) => {
  if (!isReady) init({}, context.env);
  isReady = true;
  await next();
});
app.get('/:chat/:question', (context) => {
  const { chat, question } = context.req.param();
  return session(chat, () => withTrace('turn', async () => context.text(await agent.answer(question))));
});

export default { fetch: flushAfter(app.fetch) };
