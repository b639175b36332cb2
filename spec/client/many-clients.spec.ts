import { expect } from 'chai';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { runCode, variables } from './programs.js';

/** Makes `clients[i]` with the project `p<i>`, and counts the threads that are started. */
const makeClients = `
  import { createRequire, syncBuiltinESMExports } from 'node:module';
  import { Client } from 'pandaprobe-ts';
  let threads = 0;
  const node = createRequire(import.meta.url)('node:worker_threads');
  const Real = node.Worker;
  node.Worker = class extends Real { constructor(...args) { super(...args); threads += 1; } };
  syncBuiltinESMExports();
  const make = (count, options = {}) => Array.from({ length: count }, (_, i) => new Client({ projectName: 'p' + i, ...options }));
`;

const countByProject = (receiver: Receiver) => {
  const counts: Record<string, number> = {};
  for (const { call, headers } of receiver.requests) {
    if (call === 'POST /traces')
      counts[String(headers['x-project-name'])] = (counts[String(headers['x-project-name'])] ?? 0) + 1;
  }
  return counts;
};

describe('Many clients in one process', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const count of [40, 80]) {
    it(`P1 loses nothing of ${count} clients at process.exit(), and starts few threads for them`, async () => {
      const code = `${makeClients}
        for (const client of make(${count})) for (let i = 0; i < 3; i += 1) client.trace('t' + i).end();
        process.on('exit', () => console.log(threads));
        process.exit(0);`;
      const { stdout, stderr } = await runCode(code, variables(receiver.url));
      expect(stderr).to.equal('');
      expect(receiver.traces).to.have.length(3 * count);
      expect(countByProject(receiver)).to.deep.equal(
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 3])),
      );
      expect(Number(stdout)).to.be.within(1, Math.ceil(count / 16));
    });
  }

  it('P1 delivers in time although the backends of other clients do not answer', async () => {
    await using silent = await startReceiver({ behave: () => 'hang' });
    const code = `${makeClients}
      const dead = make(3, { endpoint: ${JSON.stringify(silent.url)}, exitTimeoutMs: 8000 });
      const alive = make(2, { exitTimeoutMs: 8000 });
      for (const client of dead) client.trace('lost').end();
      // More than a sender takes in hand at a time.
      for (const client of alive) for (let i = 0; i < 150; i += 1) client.trace('t' + i).end();
      alive[1].trace('still open');
      const ended = alive[0].trace('ended');
      const late = ended.span('late');
      ended.end();
      late.end();
      process.exit(0);`;
    const { stderr } = await runCode(code, variables(receiver.url));
    expect(receiver.traces).to.have.length(302);
    expect(receiver.trace('ended').spans[0]).to.have.deep.property('metadata', { 'pandaprobe.unfinished': false });
    expect(receiver.trace('still open').status).to.equal('ERROR');
    const lines = stderr.trim().split('\n');
    expect(lines, stderr).to.have.length(3);
    for (const line of lines) expect(line).to.include('exitTimeoutMs 8000').and.include(new URL(silent.url).host);
  });
});
