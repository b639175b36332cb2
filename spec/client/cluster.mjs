// Two workers of a cluster record 100 traces each and end in the way that comes as argument. Without a flush.
import cluster from 'node:cluster';
import { withTrace } from 'pandaprobe-ts';

const endings = {
  exit: () => process.exit(0),
  disconnect: () => cluster.worker.disconnect(),
  signal: () => process.kill(process.pid, 'SIGTERM'),
};

if (cluster.isPrimary) {
  const ends = [];
  cluster.on('exit', (_worker, code, signal) => ends.push(signal ?? code));
  process.on('exit', () => console.log(ends.join(' ')));
  for (let i = 0; i < 2; i += 1) cluster.fork();
} else {
  for (let i = 0; i < 100; i += 1) withTrace(`trace ${i}`, (t) => t.withSpan('step', () => i));
  setTimeout(endings[process.argv[2]], 10);
}
