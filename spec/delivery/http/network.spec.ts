import { expect } from 'chai';
import { startReceiver } from '../../support/receiver.js';
import { type BuiltDelivery, builtDelivery } from '../built-delivery.js';

describe('The worker thread', () => {
  let built: BuiltDelivery;
  before(async () => {
    built = await builtDelivery();
  });
  after(() => built.remove());

  /** Prints what the thread's own `node:dns` and `node:net` say when it has delivered. */
  const program = (code: string) => `
    import dns from 'node:dns';
    import net from 'node:net';
    import { createRequire, syncBuiltinESMExports } from 'node:module';
    const node = createRequire(import.meta.url)('node:worker_threads');
    const Real = node.Worker;
    const report = \`
      const { parentPort } = require('node:worker_threads');
      setTimeout(() => parentPort.postMessage(JSON.stringify([
        require('node:dns').getDefaultResultOrder(),
        require('node:net').getDefaultAutoSelectFamily(),
        require('node:net').getDefaultAutoSelectFamilyAttemptTimeout(),
      ])), 1);\`;
    let said;
    node.Worker = class extends Real {
      constructor(source, options) {
        super(source + report, options);
        said = new Promise((resolve) => this.once('message', resolve));
        this.ref();
      }
    };
    syncBuiltinESMExports();
    ${code}
    const delivery = createDelivery(options);
    delivery.trace(trace('t'));
    console.log((await delivery.flush()).delivered, await said);
    process.exit();`;

  const setups: Readonly<Record<string, { readonly shell?: string; readonly code?: string; readonly seen: string }>> = {
    'dns.setDefaultResultOrder() and net.setDefaultAutoSelectFamily…()': {
      code: `dns.setDefaultResultOrder('ipv4first');
        net.setDefaultAutoSelectFamily(false);
        net.setDefaultAutoSelectFamilyAttemptTimeout(2000);`,
      seen: '["ipv4first",false,2000]',
    },
    'the flags of Node': {
      shell: `export NODE_OPTIONS='--dns-result-order=ipv4first --no-network-family-autoselection'`,
      seen: '["ipv4first",false,',
    },
  };
  for (const [title, { shell, code = '', seen }] of Object.entries(setups)) {
    it(`connects as the program does, set by ${title}`, async () => {
      const receiver = await startReceiver();
      try {
        const { stdout, stderr } = await built.run(program(code), receiver.url, shell);
        expect(stdout, stderr).to.include(`1 ${seen}`);
      } finally {
        await receiver.close();
      }
    });
  }
});
