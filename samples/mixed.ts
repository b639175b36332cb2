// Handles, callbacks and decorated methods in one trace, with branches that run at the same time.
//
// travel-planner  102 tokens  $0.0004  user ada
// ├─ plan CHAIN
// └─ research AGENT
//    ├─ city Lisbon CHAIN
//    │  ├─ weather TOOL
//    │  └─ sights RETRIEVER
//    ├─ city Oslo CHAIN
//    │  ├─ weather TOOL
//    │  └─ sights RETRIEVER
//    ├─ city Rome CHAIN
//    │  ├─ weather TOOL
//    │  └─ sights RETRIEVER
//    └─ compare LLM gpt-5.4  102 tokens  $0.0004
import { setTimeout as wait } from 'node:timers/promises';
import { getCurrentSpan, span, startTrace, withSpan } from 'pandaprobe-ts';

const degrees: Record<string, number> = { Lisbon: 24, Oslo: 9, Rome: 27 };

class TravelAgent {
  @span({ kind: 'TOOL' })
  async weather(city: string): Promise<number> {
    await wait(degrees[city]); // the branches end in another order than they began
    return degrees[city] ?? 0;
  }

  @span({ kind: 'RETRIEVER' })
  async sights(city: string): Promise<string[]> {
    await wait(3);
    return [`Old town of ${city}`];
  }

  @span({ kind: 'LLM', model: 'gpt-5.4' })
  async compare(reports: readonly { city: string; degrees: number }[]): Promise<string> {
    getCurrentSpan()?.setTokenUsage({ promptTokens: 90, completionTokens: 12 }).setCost({ total: 0.0004 });
    return reports.reduce((best, each) => (each.degrees > best.degrees ? each : best)).city;
  }
}

const agent = new TravelAgent();
const question = 'Where is it warmest?';
await using t = startTrace('travel-planner', {
  input: { messages: [{ role: 'user', content: question }] },
  userId: 'ada',
});

const cities = Object.keys(degrees);
{
  using s = t.span('plan', { kind: 'CHAIN' });
  s.setInput({ question }).setOutput({ cities });
}
const answer = await t.withSpan('research', { kind: 'AGENT' }, async () => {
  const look = async (city: string) => ({ city, degrees: await agent.weather(city), sights: await agent.sights(city) });
  const reports = cities.map((city) => withSpan(`city ${city}`, { kind: 'CHAIN' }, () => look(city)));
  return agent.compare(await Promise.all(reports));
});
t.setOutput({ messages: [{ role: 'assistant', content: answer }] });
console.log(answer);
