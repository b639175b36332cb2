import { expect } from 'chai';
import {
  EvaluationError,
  PlatformClient,
  type PlatformClientOptions,
  PlatformError,
  UnknownOutcomeError,
} from '../../lib/platform/platform-client.js';
import { type Asked, type Given, id, run, scoreOf, startAnswering } from './answers.js';

const apiKey = 'sk_pp_secret';

/** Runs `ask` against a server with these answers, and gives what was thrown, or what it gave, and what was asked. */
async function failing(
  give: (asked: Asked, index: number) => Given,
  ask: (platform: PlatformClient) => Promise<unknown>,
  options: PlatformClientOptions = {},
) {
  await using server = await startAnswering(give);
  const platform = new PlatformClient({ apiKey, projectName: 'p', endpoint: server.url, ...options });
  let thrown: unknown;
  const value = await ask(platform).catch((error: unknown) => {
    thrown = error;
  });
  return { thrown, value, asked: server.asked };
}

const get = (platform: PlatformClient) => platform.traces.get(id(1));
const create = (platform: PlatformClient) =>
  platform.evaluations.create({ traceIds: [id(1)], metrics: ['m', 'm'], name: 'n' });
const stored = {
  trace_id: id(1).toUpperCase(),
  name: 't',
  status: 'COMPLETED',
  started_at: '2026-11-01T00:00:00Z',
  spans: [],
  new_field: 1,
};

describe('PlatformClient, when things go wrong', () => {
  it('sends key and project with every call, and the request as the platform wants it', async () => {
    const { value, asked } = await failing(() => ({ status: 202, body: run(1, 'PENDING') }), create);
    expect(value).to.include({ id: id(1), status: 'PENDING', targetType: 'TRACE' });
    expect(asked).to.have.lengthOf(1);
    expect(asked[0]).to.deep.include({ method: 'POST', path: '/evaluations/trace-runs/batch' });
    expect(asked[0]?.body).to.deep.equal({ trace_ids: [id(1)], metrics: ['m'], name: 'n' });
    expect(asked[0]?.headers).to.include({
      'x-api-key': apiKey,
      'x-project-name': 'p',
      'content-type': 'application/json',
    });
    expect(asked[0]?.headers['user-agent']).to.match(/^pandaprobe-ts\/\d/);
  });

  it('accepts user and password in the endpoint, as delivery does', async () => {
    await using server = await startAnswering(() => ({ status: 200, body: stored }));
    const endpoint = server.url.replace('//', '//us%40r:p%20w@');
    const platform = new PlatformClient({ apiKey, projectName: 'p', endpoint });
    expect(await get(platform)).to.include({ name: 't' });
    const login = Buffer.from('us@r:p w').toString('base64');
    expect(server.asked[0]?.headers).to.include({ authorization: `Basic ${login}` });
  });

  it('goes on waiting during an outage, and throws at once what waiting does not change', async () => {
    const wait = (platform: PlatformClient) => platform.traces.waitVisible(id(1), { intervalMs: 5, timeoutMs: 30_000 });
    const brief = { readAttempts: 1 };
    const outage = await failing((_, at) => (at < 6 ? { status: 503 } : { status: 200, body: stored }), wait, brief);
    expect(outage.thrown).to.equal(undefined);
    expect(outage.asked).to.have.lengthOf(7);

    const refused = await failing(() => ({ status: 401 }), wait, brief);
    expect(refused.thrown).to.be.instanceOf(PlatformError).and.include({ status: 401 });
    const other = await failing(() => ({ status: 200, body: [] }), wait, brief);
    expect(other.thrown).to.be.instanceOf(PlatformError);
    const unreachable = new PlatformClient({ apiKey, projectName: 'p', endpoint: 'http://127.0.0.1:9', ...brief });
    const thrown = await wait(unreachable).catch((error: unknown) => error);
    expect(thrown)
      .to.have.property('message')
      .that.matches(/no answer from http:\/\/127\.0\.0\.1:9/);

    const short = { intervalMs: 5, timeoutMs: 200 };
    const down = await failing(
      () => ({ status: 502 }),
      (platform) => platform.traces.waitVisible(id(1), short),
      brief,
    );
    expect(down.thrown)
      .to.have.property('message')
      .that.matches(/nothing to see \(GET .*: the platform answered 502\) within 200 ms$/);
  });

  it('calls fetch without an object, because the fetch of a Worker throws otherwise', async () => {
    const called: unknown[] = [];
    async function fetch(this: unknown): Promise<Response> {
      called.push(this);
      return Response.json(stored);
    }
    await new PlatformClient({ apiKey, projectName: 'p', fetch }).traces.get(id(1));
    expect(called).to.deep.equal([undefined]);
  });

  it('refuses a session id that a URL cannot contain, before anything is sent', async () => {
    for (const wrong of ['', '.', '..', 'a/b', '\ud800']) {
      const { thrown, asked } = await failing(
        () => 'cut',
        (platform) => platform.sessions.get(wrong),
      );
      expect(thrown).to.be.instanceOf(TypeError).with.property('message').that.includes('sessionId');
      expect(asked).to.have.lengthOf(0);
    }
  });

  it('keeps fields it does not know', async () => {
    expect((await failing(() => ({ body: stored }), get)).value).to.include({ newField: 1 });
  });

  for (const [what, bad] of [
    ['503', { status: 503, headers: { 'Retry-After': '0' } }],
    ['429', { status: 429, headers: { 'Retry-After': '0' } }],
    ['524, as Cloudflare has it,', { status: 524, headers: { 'Retry-After': '0' } }],
    ['a connection that is cut', 'cut'],
    ['a body that is cut', { body: stored, half: true }],
  ] as const) {
    it(`tries a read again after ${what}, at most readAttempts times`, async () => {
      const well = await failing((_, index) => (index === 0 ? bad : { body: stored }), get);
      expect(well.value).to.include({ name: 't' });
      expect(well.asked).to.have.lengthOf(2);
      const never = await failing(() => bad, get, { readAttempts: 2 });
      expect(never.thrown).to.be.instanceOf(PlatformError).and.not.instanceOf(UnknownOutcomeError);
      expect(never.asked).to.have.lengthOf(2);
    });
  }

  for (const status of [400, 401, 403, 404, 422, 501]) {
    it(`does not try again after ${status}, and says why without the key`, async () => {
      const body = { detail: `no: ${apiKey}`, errors: [{ field: 'limit', message: 'too large' }] };
      for (const ask of [get, create]) {
        const { thrown, asked } = await failing(() => ({ status, body }), ask);
        expect(asked).to.have.lengthOf(1);
        expect(thrown).to.include({ name: 'PlatformError', code: 'ERR_PLATFORM', status });
        expect(String((thrown as Error).message)).to.include('no: …; limit: too large');
        expect(thrown).to.include({ requestId: asked[0]?.headers['x-request-id'] });
      }
    });
  }

  it('waits as long as Retry-After asks before it tries again, else a moment', async () => {
    for (const [headers, leastMs] of [
      [{ 'Retry-After': '0.3' }, 300],
      [{}, 125],
    ] as const) {
      const times: number[] = [];
      const { value } = await failing((_, index) => {
        times.push(performance.now());
        return index === 0 ? { status: 429, headers } : { body: stored };
      }, get);
      expect(value).to.include({ name: 't' });
      expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(leastMs - 2); // clocks of timers are that coarse
    }
  });

  it('waits for Retry-After no longer than its timeout', async () => {
    const { thrown, asked } = await failing(() => ({ status: 429, headers: { 'Retry-After': '20' } }), get, {
      timeoutMs: 5000,
    });
    expect(thrown).to.include({ status: 429 });
    expect(asked).to.have.lengthOf(1);
  });

  for (const [what, given] of [
    ['is cut', 'cut'],
    ['is half there', { status: 202, body: run(1, 'PENDING'), half: true }],
    ['is 500', { status: 500 }],
    ['is 502', { status: 502 }],
    ['is 408', { status: 408 }],
    ['is no JSON', { status: 202, body: '<html>' }],
    ['is another thing', { status: 202, body: { hello: 1 } }],
  ] as const) {
    it(`throws UnknownOutcomeError for a create when the answer ${what}, and never sends it again`, async () => {
      const { thrown, asked } = await failing(() => given, create);
      expect(asked).to.have.lengthOf(1);
      expect(thrown).to.be.instanceOf(UnknownOutcomeError).and.include({ code: 'ERR_UNKNOWN_OUTCOME' });
    });
  }

  it('says which answer was cut off', async () => {
    const cut = { status: 202, body: run(1, 'PENDING'), half: true };
    const { thrown, asked } = await failing(() => cut, create);
    expect(thrown).to.include({ status: 202, requestId: asked[0]?.headers['x-request-id'] });
    expect((thrown as Error).message).to.include('the answer was 202');
  });

  it('throws UnknownOutcomeError for a delete without an answer', async () => {
    const { thrown, asked } = await failing(
      () => 'cut',
      (platform) => platform.traces.delete(id(1)),
    );
    expect(thrown).to.be.instanceOf(UnknownOutcomeError);
    expect(asked).to.have.lengthOf(1);
  });

  it('throws a PlatformError for a create if nothing listens at the address', async () => {
    const { url, [Symbol.asyncDispose]: close } = await startAnswering(() => 'cut');
    await close();
    const platform = new PlatformClient({ apiKey, projectName: 'p', endpoint: url, readAttempts: 1 });
    for (const ask of [get, create]) {
      const thrown = await ask(platform).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(PlatformError).and.include({ code: 'ERR_PLATFORM', status: undefined });
      expect((thrown as Error).message).not.to.include(apiKey);
    }
  });

  it('ends at its timeout: a read with a PlatformError, a create with an UnknownOutcomeError', async () => {
    const read = await failing(() => 'hang', get, { timeoutMs: 30 });
    expect(read.thrown).to.be.instanceOf(PlatformError).and.include({ code: 'ERR_PLATFORM' });
    expect((read.thrown as Error).message).to.include('30 ms');
    expect((await failing(() => 'hang', create, { timeoutMs: 30 })).thrown).to.be.instanceOf(UnknownOutcomeError);
  });

  it('ends by a signal: a read with its reason, a create with an UnknownOutcomeError and the reason as its cause', async () => {
    const reason = new Error('enough');
    for (const [ask, isUnknown] of [
      [(platform: PlatformClient, signal: AbortSignal) => platform.traces.get(id(1), { signal }), false],
      [
        (platform: PlatformClient, signal: AbortSignal) =>
          platform.evaluations.create({ traceIds: [id(1)], metrics: ['m'], signal }),
        true,
      ],
    ] as const) {
      const ending = new AbortController();
      const { thrown } = await failing(
        () => {
          ending.abort(reason);
          return 'hang';
        },
        (platform) => ask(platform, ending.signal),
      );
      if (isUnknown) expect(thrown).to.be.instanceOf(UnknownOutcomeError).and.include({ cause: reason });
      else expect(thrown).to.equal(reason);
    }
    const before = await failing(
      () => 'cut',
      (platform) =>
        platform.evaluations.create({ traceIds: [id(1)], metrics: ['m'], signal: AbortSignal.abort(reason) }),
    );
    expect(before).to.deep.include({ thrown: reason, asked: [] });
  });

  it('ends a wait between two tries at once by a signal', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    const { thrown, asked } = await failing(
      () => {
        setImmediate(() => ending.abort(reason));
        return { status: 503, headers: { 'Retry-After': '20' } };
      },
      (platform) => platform.traces.get(id(1), { signal: ending.signal }),
    );
    expect(thrown).to.equal(reason);
    expect(asked).to.have.lengthOf(1);
  });

  it('follows no redirect, because the key would go along', async () => {
    const { thrown, asked } = await failing(() => ({ status: 307, headers: { Location: 'http://127.0.0.1:9/' } }), get);
    expect(thrown).to.include({ status: 307 });
    expect(asked).to.have.lengthOf(1);
  });

  for (const body of ['<html>', [], null, 'text', { trace_id: id(1) }, { ...stored, trace_id: id(2) }]) {
    it(`refuses ${JSON.stringify(body)?.slice(0, 40)} as a trace`, async () => {
      expect(
        (await failing(() => ({ body: body === '<html>' ? body : JSON.stringify(body) }), get)).thrown,
      ).to.be.instanceOf(PlatformError);
    });
  }

  it('refuses an answer that is no page', async () => {
    for (const body of [{}, { items: 1, total: 0 }, { items: [{}], total: 1 }, { items: [] }]) {
      expect(
        (
          await failing(
            () => ({ body }),
            (platform) => platform.traces.list(),
          )
        ).thrown,
      ).to.be.instanceOf(PlatformError);
    }
  });

  describe('evaluations.wait()', () => {
    const waitFor = (options: object) => (platform: PlatformClient) =>
      platform.evaluations.wait(id(1), { intervalMs: 1, ...options });
    const answers = (status: (index: number) => string, scores: unknown[]) => (asked: Asked, index: number) => ({
      body: asked.path.endsWith('/scores') ? scores : run(1, status(index), { error_message: 'the judge is ill' }),
    });
    const all = { traceIds: [id(10)], metrics: ['task_completion'] };

    it('looks until the run is complete, and returns it with its scores', async () => {
      const { value, asked } = await failing(
        answers((index) => (index < 3 ? 'RUNNING' : 'COMPLETED'), [scoreOf(10)]),
        waitFor(all),
      );
      expect(value).to.have.nested.property('run.status', 'COMPLETED');
      expect(value).to.have.nested.property('scores[0].value', '0.9');
      expect(asked).to.have.lengthOf(5);
    });

    it('throws when the run failed, with its reason', async () => {
      const { thrown } = await failing(
        answers(() => 'FAILED', []),
        waitFor({}),
      );
      expect(thrown)
        .to.be.instanceOf(EvaluationError)
        .and.include({ runId: id(1) });
      expect((thrown as Error).message).to.include('the judge is ill');
    });

    for (const [what, scores] of [
      ['missing', []],
      ['failed', [scoreOf(10, { status: 'FAILED', value: null })]],
      ['there twice', [scoreOf(10), scoreOf(10)]],
      ['of another trace', [scoreOf(11)]],
    ] as const) {
      it(`throws when a wanted score is ${what}, and names it`, async () => {
        const { thrown } = await failing(
          answers(() => 'COMPLETED', [...scores]),
          waitFor(all),
        );
        expect(thrown).to.be.instanceOf(EvaluationError);
        expect((thrown as EvaluationError).missing).to.deep.equal([{ traceId: id(10), metric: 'task_completion' }]);
      });
    }

    it('ends at its timeout and by a signal', async () => {
      const late = await failing(
        answers(() => 'RUNNING', []),
        waitFor({ timeoutMs: 500 }),
      );
      expect(late.thrown).to.be.instanceOf(PlatformError).and.not.instanceOf(EvaluationError);
      expect(late.thrown).to.have.property('message').that.includes('not complete (it is RUNNING) within 500 ms');
      const reason = new Error('enough');
      const { thrown } = await failing(
        answers(() => 'RUNNING', []),
        waitFor({ signal: AbortSignal.abort(reason) }),
      );
      expect(thrown).to.equal(reason);
    });
  });
});
