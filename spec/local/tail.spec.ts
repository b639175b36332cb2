import { expect } from 'chai';
import { id, known, type Running, startRunning, trace } from '../support/local-server.js';
import { runHere } from './run-here.js';

describe('tail', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startRunning();
  });
  afterEach(() => running[Symbol.asyncDispose]());

  /** Sends a trace to each of two projects again and again until the command has ended, since its start cannot be seen. */
  async function follow(args: string) {
    let isOver = false;
    const ended = runHere(args, { endpoint: running.server.url }).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const [n, project] of [[1, 'one'] as const, [2, 'two'] as const])
        await running.call('POST', '/traces', trace(n, { name: `run ${n}` }), { ...known, 'X-Project-Name': project });
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    return ended;
  }

  it('follows every project of the server, and says which', async () => {
    const { code, out, err } = await follow('tail --count 3');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out)
      .to.match(new RegExp(`${id(1)}.* in one\n`))
      .and.match(new RegExp(`${id(2)}.* in two\n`));
  });

  it('names the project in JSON, too', async () => {
    const { out } = await follow('tail --count 3 --json');
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ project, name }) => `${project}: ${name}`)).to.include.members(['one: run 1', 'two: run 2']);
  });

  it('follows one project if it is named', async () => {
    const { code, out } = await follow('tail --count 3 --project two');
    expect(code).to.equal(0);
    expect(out).to.include(id(2)).and.not.include(id(1)).and.not.include(' in two');
  });
});
