// Records 100 traces, unless it is told to be `bare`, and ends in the way that comes as argument. Without a flush.
import { setTimeout as wait } from 'node:timers/promises';

const [ending, mode] = process.argv.slice(2);

const endings = {
  return() {},
  'return-with-code'() {
    process.exitCode = 4;
  },
  'exit-0'() {
    process.exit(0);
  },
  async 'exit-3-in-promise'() {
    await null;
    process.exit(3);
  },
  'exit-in-own-exit-listener'() {
    process.on('exit', () => process.exit(5));
  },
  'uncaught-exception'() {
    setTimeout(() => {
      throw new Error('nobody catches this');
    }, 1);
  },
  'own-exception-listener'() {
    process.on('uncaughtException', (error) => {
      console.error(`caught: ${error.message}`);
      process.exit(7);
    });
    throw new Error('somebody catches this');
  },
  'unhandled-rejection'() {
    Promise.reject(new Error('nobody handles this'));
  },
  'unhandled-string'() {
    Promise.reject('not even an error');
  },
  signal() {
    stayAlive();
  },
  'own-signal-listener'() {
    process.on('SIGTERM', () => {
      console.log('closing');
      clearInterval(timer);
    });
    const timer = stayAlive();
  },
  'own-signal-listener-that-exits'() {
    process.on('SIGTERM', async () => {
      await wait(1);
      process.exit(143);
    });
    stayAlive();
  },
  'signal-exit'() {
    stayAlive();
  },
};

/** Until a signal comes: whoever waits for it reads `ready`. */
function stayAlive() {
  console.log('ready');
  return setInterval(() => {}, 1000);
}

if (ending === 'signal-exit') (await import('signal-exit')).onExit(() => console.log('cleaned up'));
if (mode !== 'bare') {
  const { withSpan, withTrace } = await import('pandaprobe-ts');
  for (let i = 0; i < 100; i += 1) {
    withTrace(`trace ${i}`, { input: { messages: [{ role: 'user', content: 'x'.repeat(500) }] } }, () =>
      withSpan('step', () => i),
    );
  }
}
// From a timer, so that no stack trace shows how long the lines above have waited.
setTimeout(() => endings[ending](), 1);
