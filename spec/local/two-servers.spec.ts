import { expect } from 'chai';
import { id, known, startRunning, temporaryFolder, trace } from '../support/local-server.js';

const inProject = (name: string) => ({ ...known, 'X-Project-Name': name });

describe('Two local servers on one file', () => {
  it('keep the traces of a project that one of them has removed apart from those of others', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    await using one = await startRunning({ path });
    await using other = await startRunning({ path });
    const names = async (project: string) => {
      const { body } = await one.call('GET', '/traces', undefined, inProject(project));
      return body.items.map(({ name }: { name: string }) => name);
    };
    await one.call('POST', '/traces', trace(1), inProject('first'));
    await other.call('DELETE', '/local/project', undefined, inProject('first'));
    await other.call('POST', '/traces', trace(2), inProject('second'));
    expect(await names('first')).to.deep.equal([]);
    expect((await one.call('POST', '/traces', trace(3), inProject('first'))).status).to.equal(202);
    expect([await names('first'), await names('second')]).to.deep.equal([['trace-3'], ['trace-2']]);
    const { body } = await other.call('GET', '/local/projects');
    expect(body.items.map(({ name }: { name: string }) => name)).to.have.members(['first', 'second']);
  });
});

describe('A removed project', () => {
  it('leaves no score to later projects, not even of a trace of another project', async () => {
    await using running = await startRunning();
    const scored = { trace_id: id(1), name: 'good', value: 'true', data_type: 'BOOLEAN' };
    await running.call('POST', '/traces', trace(1), inProject('of the trace'));
    await running.call('POST', '/evaluations/trace-scores', scored, inProject('of the score'));
    await running.call('DELETE', '/local/project', undefined, inProject('of the score'));
    await running.call('POST', '/traces', trace(2), inProject('later'));
    await running.call('POST', '/traces', trace(3), inProject('of the score'));
    for (const project of ['later', 'of the score']) {
      const { body } = await running.call('GET', '/evaluations/trace-scores', undefined, inProject(project));
      expect(body.total, project).to.equal(0);
    }
  });
});
