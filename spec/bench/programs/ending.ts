import type { Program } from './program.js';
import { agentTurn, runTurns } from './turn.js';

const defaultTurns = 100;

/** W4: records a hundred turns and ends, in one of four ways, without a flush. */
export const ending: Program = async ({ peer, sink, variant, count = defaultTurns, tell }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: false });
  await runTurns(agentTurn(peer), count);
  tell({ recorded: count });
  if (variant === 'exit') process.exit(0);
  if (variant === 'throw') throw new Error('the uncaught error of this benchmark');
  if (variant === 'SIGTERM') setInterval(() => {}, 1000); // the harness sends it
  return undefined;
};
