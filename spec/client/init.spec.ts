import { expect } from 'chai';
import { type Client, flush, getClient, init, SettingsError, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { treeOf } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';
import { countListeners } from './listeners.js';
import { sendingScene } from './sending.js';

describe('The process-wide client', () => {
  const scene = sendingScene();

  describe('.init()', () => {
    it('makes the client that records from then on', async () => {
      const client = init({ ...scene.options, environment: 'test', release: '1.2.3' });
      withTrace('agent', () => withSpan('search', { kind: 'TOOL' }, () => 'found'));
      expect(getClient()).to.equal(client);
      expect(await flush()).to.deep.equal({ ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 });
      expect(treeOf(scene.receiver.trace('agent'))).to.equal('agent(search)');
      expect(scene.receiver.trace('agent')).to.include({ environment: 'test', release: '1.2.3', status: 'COMPLETED' });
      expect(scene.receiver.problems).to.deep.equal([]);
    });

    it('sends the key, the project name and a fresh request id with every request', async () => {
      init({ ...scene.options, batchSize: 1 });
      for (const name of ['first', 'second']) withTrace(name, () => {});
      await flush();
      const headers = scene.receiver.requests.map((request) => request.headers);
      expect(headers).to.have.length(2);
      for (const one of headers) {
        expect(one).to.include({
          'x-api-key': 'sk_pp_key',
          'x-project-name': 'specs',
          'content-type': 'application/json',
        });
        expect(one['user-agent']).to.match(/^pandaprobe-ts\/\d+\.\d+\.\d+$/);
      }
      expect(new Set(headers.map((one) => one['x-request-id']))).to.have.property('size', 2);
    });

    it('refuses a wrong option and leaves the client before in its place', () => {
      const client = init({ sinks: [] });
      expect(() => init({ ...scene.options, batchSize: 0 })).to.throw(SettingsError, /^batchSize: expected/);
      expect(getClient()).to.equal(client);
      expect(client.enabled).to.equal(true);
    });

    it('refuses a project name the backend would refuse', () => {
      expect(() => init({ ...scene.options, projectName: 'no/slash' }))
        .to.throw(SettingsError, /^projectName: expected/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'projectName' });
    });

    it('refuses a key without a project name', () => {
      expect(() => init({ apiKey: 'sk_pp_key' }))
        .to.throw(SettingsError, /^projectName: expected .+, got none$/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'projectName' });
    });

    it('refuses a project name without a key', () => {
      expect(() => init({ projectName: 'specs' }))
        .to.throw(SettingsError, /^apiKey: expected .+, got none$/)
        .that.includes({ code: 'ERR_SETTINGS', option: 'apiKey' });
    });

    it('delivers what the client before still held', async () => {
      init({ ...scene.options, projectName: 'first' });
      withTrace('early', () => {});
      init({ ...scene.options, projectName: 'second' });
      withTrace('late', () => {});
      await flush();
      await scene.receiver.until(() => scene.receiver.traces.length === 2);
      const projects = scene.receiver.requests.map(({ headers, body }) => [(body as { name: string }).name, headers]);
      expect(
        projects.map(([name, headers]) => `${name} ${(headers as Record<string, string>)['x-project-name']}`).sort(),
      ).to.deep.equal(['early first', 'late second']);
    });

    it('P15 leaves no listener behind, however often it is called', async () => {
      await shutdown();
      const before = countListeners();
      // Clients share their listeners, so those of one that another file left open stay.
      const clients: Client[] = [init(scene.options)];
      const first = countListeners();
      expect(first.some((entry) => entry.startsWith('SIGTERM '))).to.equal(true);
      for (let i = 1; i < 50; i += 1) clients.push(init(scene.options));
      const last = countListeners();
      await Promise.all(clients.map((client) => client.shutdown()));
      expect(last).to.deep.equal(first);
      expect(countListeners()).to.deep.equal(before);
    });

    it('P15 leaves no listener behind when it refuses half of the settings', async () => {
      await shutdown();
      const before = countListeners();
      expect(() => init({ apiKey: 'sk_pp_key', console: true })).to.throw(SettingsError, /^projectName: expected/);
      expect(countListeners()).to.deep.equal(before);
    });

    it('says nothing when all is well', async () => {
      const said = listenToStderr();
      try {
        init(scene.options);
        withTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } }, () => {});
        await shutdown();
      } finally {
        said.restore();
      }
      expect(said.lines).to.deep.equal([]);
    });
  });

  describe('.config', () => {
    it('shows the settled options and not the key', async () => {
      const client = init({ ...scene.options, batchSize: 7 });
      expect(client.config).to.include({
        projectName: 'specs',
        endpoint: scene.receiver.url,
        batchSize: 7,
        worker: 'inline',
      });
      expect(client.config).not.to.have.property('apiKey');
      const { inspect } = await import('node:util');
      expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.to.include('sk_pp_key');
    });
  });
});
