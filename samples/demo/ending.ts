import type { LocalServer } from '../../lib/local/server/server.js';
import type { Paint } from '../paint.js';

/** How long the server waits for somebody to open the viewer, or to come back to it. */
const idleMs = 60_000;
const lookMs = 1000;

/** Whether somebody sits before the program: with a terminal at both ends, and not on a build server. */
export function isWatched({ stdin, stdout, env }: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'env'>): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && !env.CI;
}

/**
 * Prints where the traces can be looked at. For somebody at a terminal it then keeps the server, until Ctrl+C or until
 * nobody has been connected for a minute; otherwise the program may end.
 */
export async function stayOpen(
  server: Pick<LocalServer, 'connections'>,
  links: readonly string[],
  isWatched: boolean,
  paint: Paint,
): Promise<void> {
  for (const link of links) console.log(`${paint('bold', 'viewer')}  ${paint('cyan', link)}`);
  if (!isWatched) {
    console.log(paint('dim', 'The server ends with this program; in a terminal it stays open to be looked at.'));
    return;
  }
  console.log(paint('dim', 'Open it within a minute. Ctrl+C ends the server, as does a minute with no page open.'));
  await nobodyLeft(server);
}

/** Resolves on Ctrl+C, and after a minute without a connection. */
function nobodyLeft(server: Pick<LocalServer, 'connections'>): Promise<void> {
  return new Promise((resolve) => {
    let lonelyMs = 0;
    const timer = setInterval(async () => {
      lonelyMs = (await server.connections()) === 0 ? lonelyMs + lookMs : 0;
      if (lonelyMs >= idleMs) end();
    }, lookMs);
    process.once('SIGINT', end);

    function end(): void {
      clearInterval(timer);
      process.off('SIGINT', end);
      resolve();
    }
  });
}
