import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Project, printed, settingsFor, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';

const others = [
  {
    name: 'OpenTelemetry',
    file: 'otel.cjs',
    headers: ['traceparent'],
    versions: {
      '@opentelemetry/api': '1.9.0',
      '@opentelemetry/instrumentation': '0.223.0',
      '@opentelemetry/instrumentation-http': '0.223.0',
      '@opentelemetry/sdk-trace-node': '2.12.0',
    },
  },
  { name: 'Sentry', file: 'sentry.cjs', headers: ['sentry-trace', 'baggage'], versions: { '@sentry/node': '11.12.0' } },
];

for (const { name, file, headers, versions } of others) {
  describe(`P20 Beside ${name}`, () => {
    let project: Project;
    let receiver: Receiver;
    /** What theirs comes to without ours, and the headers of the application's own request. */
    let alone: { said: unknown; sent: string[] };
    before(async function () {
      project = await startProject(this, versions);
      const read = (path: string) => readFileSync(join(root, 'spec/beside', path), 'utf8');
      await project.write({ 'package.json': '{}', 'program.cjs': read('program.cjs'), [file]: read(file) });
      receiver = await startReceiver();
      alone = { said: await run('alone', 'auto'), sent: headersOfTheirs() };
      expect(receiver.traces).to.deep.equal([]);
    });
    after(async () => {
      await receiver?.close();
      await project?.remove();
    });
    beforeEach(async () => {
      await receiver.close();
      receiver = await startReceiver();
    });

    async function run(order: string, worker: string): Promise<unknown> {
      const theirs = { ORDER: order, THEIRS: `./${file}`, PANDAPROBE_WORKER: worker };
      return JSON.parse(await printed(project.node(['program.cjs'], { ...settingsFor(receiver.url), ...theirs })));
    }

    function headersOfTheirs(): string[] {
      const [request] = receiver.requests.filter(({ path }) => path === '/of-the-application');
      return Object.keys(request?.headers ?? {});
    }

    it('has something to compare: spans of its own, and a header on the application’s request', () => {
      expect(JSON.stringify(alone.said)).to.include('query');
      expect(alone.sent).to.include.members(headers);
    });

    for (const order of ['before', 'after']) {
      for (const worker of ['thread', 'inline']) {
        it(`set up ${order} ours, delivering by ${worker}, nothing crosses over`, async () => {
          const said = await run(order, worker);
          expect(said).to.deep.equal(alone.said);
          expect(headersOfTheirs()).to.deep.equal(alone.sent);

          expect(receiver.traces.map(treeOf)).to.have.members([
            'agent(search, one, failing)',
            'alone(step)',
            'at the end(last)',
          ]);
          const ours = receiver.requests.filter(({ path }) => path !== '/of-the-application');
          const onOurs = new Set(ours.flatMap((request) => Object.keys(request.headers)));
          expect(headers.filter((header) => onOurs.has(header))).to.deep.equal([]);
          for (const text of ['query', 'second', 'traceparent', 'sentry'])
            expect(JSON.stringify(ours.map(({ body }) => body))).not.to.include(text);
        });
      }
    }
  });
}
