// An agent of Cloudflare's `agents` that answers, and looks again a second later. Its name is the session, so that its traces are
// found together.
//
// turn  9 tokens  session ana
// ├─ search TOOL
// └─ answer LLM gpt-5.4  9 tokens
//
// follow-up  session ana
// └─ search TOOL
import { Agent, routeAgentRequest } from 'agents';
import { flush, init, withSpan, withTrace } from 'pandaprobe-ts';

let isReady = false;

const search = () => withSpan('search', { kind: 'TOOL' }, async () => 21);

export class Weather extends Agent<Record<string, unknown>, { turns: number }> {
  override initialState = { turns: 0 };

  override onStart(): void {
    if (!isReady) init({}, this.env);
    isReady = true;
  }

  override async onRequest(): Promise<Response> {
    const answer = await withTrace('turn', { sessionId: this.name }, async () => {
      const degrees = await search();
      return withSpan('answer', { kind: 'LLM', model: 'gpt-5.4' }, async (current) => {
        current.setTokenUsage({ promptTokens: 6, completionTokens: 3 });
        return `It is ${degrees} °C.`;
      });
    });
    this.setState({ turns: this.state.turns + 1 });
    await this.schedule(1, 'followUp');
    return new Response(answer);
  }

  async followUp(): Promise<void> {
    await withTrace('follow-up', { sessionId: this.name }, search);
    await flush();
  }
}

export default {
  fetch: async (request: Request, env: Record<string, unknown>) =>
    (await routeAgentRequest(request, env)) ?? new Response('there is no such agent', { status: 404 }),
};
