// Records 100 traces without a turn of the event loop in between, and ends as ENDING says: by process.exit(), an error that
// nobody catches, SIGTERM, or running out of things to do.
import { init, withSpan, withTrace } from 'pandaprobe-ts';

init();
for (let number = 0; number < 100; number += 1) {
  withTrace(`trace ${number}`, () => withSpan('step', () => number));
}
if (process.env.ENDING === 'exit') process.exit(3);
if (process.env.ENDING === 'throw') throw new Error('on purpose');
if (process.env.ENDING === 'SIGTERM') {
  setInterval(() => {}, 1000);
  process.kill(process.pid, 'SIGTERM');
}
