import { expect } from 'chai';
import { callAt, id, known, type Running, startRunning, trace } from '../support/local-server.js';

const missing = 'Missing credentials. Provide Authorization: Bearer <token> (with X-Project-ID) or X-API-Key header.';
const unscoped = 'Project scope required. Provide X-Project-ID (Bearer) or X-Project-Name (API key).';
const unknownId = 'Project not found or does not belong to your organization.';

describe('Local server, who calls and for which project', () => {
  let running: Running;
  /** Ids of the projects by name. */
  const ids: Record<string, string> = {};
  const named = (name: string) => ({ ...known, 'X-Project-Name': name });

  before(async () => {
    running = await startRunning();
    for (const [n, name] of ['one', 'two'].entries()) {
      await running.call('POST', '/traces', trace(n), named(name));
      ids[name] = (await running.call('GET', `/traces/${id(n)}`, undefined, named(name))).body.project_id;
    }
  });
  after(() => running[Symbol.asyncDispose]());

  const one = () => ({ 'X-Project-ID': ids.one ?? '' });
  const rows: [what: string, headers: () => Record<string, string>, answer: number | string[], detail?: string][] = [
    ['a key and a name', () => ({ 'X-API-Key': 'k', 'X-Project-Name': 'one' }), ['trace-0']],
    ['a name between spaces', () => ({ 'X-API-Key': 'k', 'X-Project-Name': ' two ' }), ['trace-1']],
    ['a token and an id', () => ({ Authorization: 'Bearer t', ...one() }), ['trace-0']],
    ['a token written in another way', () => ({ Authorization: 'bearer   t', ...one() }), ['trace-0']],
    ['a token and a name', () => ({ Authorization: 'Bearer t', 'X-Project-Name': 'two' }), ['trace-1']],
    ['a key and an id', () => ({ 'X-API-Key': 'k', ...one() }), ['trace-0']],
    ['an id and a name: the name counts', () => ({ 'X-API-Key': 'k', 'X-Project-Name': 'two', ...one() }), ['trace-1']],
    ['a name nothing was sent for', () => ({ 'X-API-Key': 'k', 'X-Project-Name': 'three' }), []],
    ['neither a key nor a token', () => ({ 'X-Project-Name': 'one' }), 401, missing],
    ['an empty key', () => ({ 'X-API-Key': '', 'X-Project-Name': 'one' }), 401, missing],
    ['a token without its scheme', () => ({ Authorization: 't', ...one() }), 401, missing],
    ['another scheme', () => ({ Authorization: 'Basic dTpw', ...one() }), 401, missing],
    ['neither an id nor a name', () => ({ 'X-API-Key': 'k' }), 422, unscoped],
    [
      'an id and a name of spaces',
      () => ({ 'X-API-Key': 'k', 'X-Project-Name': ' ', 'X-Project-ID': ' ' }),
      422,
      unscoped,
    ],
    ['an id of no project', () => ({ Authorization: 'Bearer t', 'X-Project-ID': id(404) }), 422, unknownId],
    ['what is no id', () => ({ Authorization: 'Bearer t', 'X-Project-ID': 'one' }), 422, unknownId],
  ];
  for (const [what, headers, answer, detail] of rows) {
    it(`answers as the platform does: ${what}`, async () => {
      const { status, body } = await running.call('GET', '/traces', undefined, headers());
      if (typeof answer === 'number') {
        expect({ status, detail: body.detail }).to.deep.equal({ status: answer, detail });
        return;
      }
      expect(status).to.equal(200);
      expect(body.items.map(({ name }: { name: string }) => name)).to.deep.equal(answer);
    });
  }

  it('accepts the names that the platform accepts, and no others', async () => {
    const taken = ['a', 'A 1-2_3.4', "o'neil", 'x'.repeat(255)];
    const refused = ['-a', 'a-', '.', 'a/b', 'a"b', 'x'.repeat(256)];
    for (const name of [...taken, ...refused]) {
      const { status, body } = await running.call('POST', '/traces', trace(9), named(name));
      expect(status, name).to.equal(taken.includes(name) ? 202 : 422);
      if (status === 422) expect(body.detail, name).to.match(/^X-Project-Name must be 1 to 255 letters/);
    }
  });

  it('makes a project with its first write, not with a read', async () => {
    const projects = async () => {
      const { body } = await running.call('GET', '/local/projects');
      return JSON.stringify(body);
    };
    await running.call('GET', '/traces', undefined, named('only read'));
    expect(await projects())
      .to.include('"two"')
      .and.not.include('only read');
    await running.call('POST', '/traces', trace(7), named('only read'));
    expect(await projects()).to.include('only read');
  });

  it('requires its own key, in either form, if it has one', async () => {
    await using keyed = await startRunning({ key: 's3cret' });
    const get = async (headers: Record<string, string>) => {
      const { status, body } = await callAt(keyed.server.url, 'GET', '/traces', undefined, {
        'X-Project-Name': 'one',
        ...headers,
      });
      return status === 200 ? status : `${status} ${body.detail}`;
    };
    const wrong = '401 Invalid or revoked API key.';
    expect(await get({ Authorization: 'Bearer s3cret' })).to.equal(200);
    expect(await get({ 'X-API-Key': 's3cret' })).to.equal(200);
    expect(await get({ Authorization: 'Bearer other' })).to.equal(wrong);
    expect(await get({ 'X-API-Key': 'other', Authorization: 'Bearer s3cret' })).to.equal(wrong);
    expect(await get({})).to.equal(`401 ${missing}`);
  });
});
