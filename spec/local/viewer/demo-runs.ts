// Runs of made-up agents, always the same ones, counted back from a given time: for screenshots and for eyes.
import { researchRun } from './research-agent.js';
import { failedReview } from './review-agent.js';
import { type Fields, makeRandom } from './run-steps.js';
import { supportTurn, turns } from './support-agent.js';

const hour = 3_600_000;
const topics = [
  'remote work and productivity',
  'spaced repetition',
  'cold exposure',
  'code review speed',
  'four-day weeks',
];
const users = ['mina.park', 'jonas.weber', 'a.okafor', 'li.chen'];

/** Three days of work, the newest a few seconds before `now`. */
export function demoRuns(now: number): Fields[] {
  const random = makeRandom(7);
  const runs: Fields[] = [];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let at = 110; at > 0; at -= 1) {
    const startedAt = now - at * (72 / 110) * hour + (random() - 0.5) * 0.5 * hour - 90_000;
    const hourOfDay = new Date(startedAt).getUTCHours();
    if ((hourOfDay < 6 || hourOfDay > 21) && random() < 0.75) continue;
    const common = { environment: 'production', release: at > 40 ? '2.3.1' : '2.4.0' };
    const dice = random();
    if (dice < 0.6) {
      const user = pick(users);
      const session = `chat-${1000 + at}`;
      const several = 1 + Math.floor(random() * 3);
      for (const [turn, each] of turns.slice(0, several).entries()) {
        runs.push(
          supportTurn(each, startedAt + turn * 70_000, random, {
            ...common,
            session_id: session,
            user_id: user,
            tags: ['support'],
          }),
        );
      }
    } else if (dice < 0.88)
      runs.push(
        researchRun(pick(topics), startedAt, random, { ...common, user_id: pick(users), tags: ['research', 'batch'] }),
      );
    else runs.push(failedReview(startedAt, random, { ...common, tags: ['ci'] }));
  }
  const today = { environment: 'production', release: '2.4.0' };
  runs.push(failedReview(now - 400_000, random, { ...today, tags: ['ci'] }));
  runs.push(
    researchRun('spaced repetition', now - 300_000, random, { ...today, user_id: 'li.chen', tags: ['research'] }),
  );
  for (const [turn, each] of turns.entries()) {
    runs.push(
      supportTurn(each, now - 240_000 + turn * 70_000, random, {
        ...today,
        session_id: 'chat-2048',
        user_id: 'mina.park',
        tags: ['support', 'vip'],
      }),
    );
  }
  return runs;
}
