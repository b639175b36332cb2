import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { runProgram, variables } from './programs.js';

/** Environments in which something is missing or cannot be changed. */
const environments: readonly (readonly [title: string, args: readonly string[], code: string])[] = [
  ['there is no SharedArrayBuffer', [], 'delete globalThis.SharedArrayBuffer;'],
  ['there is no Atomics', [], 'delete globalThis.Atomics;'],
  [
    'there is no WeakRef and no FinalizationRegistry',
    [],
    'delete globalThis.WeakRef; delete globalThis.FinalizationRegistry;',
  ],
  ['intrinsics are frozen', ['--frozen-intrinsics', '--no-warnings'], ''],
  ['Reflect is frozen', [], 'Object.freeze(Reflect);'],
  ['code is not compiled at run time', ['--jitless'], ''],
  ['eval is not allowed', ['--disallow-code-generation-from-strings'], ''],
  ['prototypes have no __proto__', ['--disable-proto=throw'], ''],
];

describe('Hardened environments', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const [title, args, code] of environments) {
    for (const load of ["await import('pandaprobe-ts')", "createRequire(process.cwd() + '/')('pandaprobe-ts')"]) {
      it(`P11 records, decorates and delivers where ${title}, with ${/import|Require/.exec(load)?.[0].toLowerCase()}`, async () => {
        const program = `import { createRequire } from 'node:module';
          ${code}
          const { flush, span, trace, withSpan, withTrace } = ${load};
          class Agent { step(x) { return x; } run(x) { return this.step(x); } }
          for (const [name, decorator] of [['run', trace], ['step', span]]) {
            const descriptor = Object.getOwnPropertyDescriptor(Agent.prototype, name);
            Object.defineProperty(Agent.prototype, name, decorator(Agent.prototype, name, descriptor));
          }
          new Agent().run({ messages: [{ role: 'user', content: 'hi' }] });
          withTrace('body', () => withSpan('inner', (s) => {
            s.setOutput([new Error('e'), new Map([[1, new Date(0)]]), new Uint8Array(3), /x/]);
          }));
          const { ok } = await flush({ timeoutMs: 10_000 });
          console.log(ok);
          withTrace('at the end', () => 1);`;
        const ended = await runProgram([...args, '--input-type=module', '-e', program], {
          env: variables(receiver.url),
        });
        // Node's own, on older versions; then what this package has to say.
        const stdout = ended.stdout.replace(/^Warning: disabling flag.*\n/, '');
        const stderr = ended.stderr
          .replace(/^Warning: disabling flag.*\n/, '')
          .replaceAll(/^\[pandaprobe\] warning: (?:.* is not { messages|there is no worker thread).*\n/gm, '');
        expect({ ...ended, stdout, stderr }).to.deep.equal({ code: 0, signal: null, stdout: 'true\n', stderr: '' });
        expect(receiver.traces.map(treeOf).sort()).to.deep.equal(['at the end', 'body(inner)', 'run(step)']);
      });
    }
  }

  for (const load of ["await import('pandaprobe-ts')", "createRequire(process.cwd() + '/')('pandaprobe-ts')"]) {
    it(`changes no global object when it is loaded with ${/import|Require/.exec(load)?.[0].toLowerCase()}`, async () => {
      const program = `import { createRequire } from 'node:module';
        const globals = () => JSON.stringify(Object.getOwnPropertyNames(globalThis).map((name) => {
          const { value } = Object.getOwnPropertyDescriptor(globalThis, name);
          const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null);
          const own = isObject && value !== globalThis ? [value, value.prototype].map((part) => part ? Reflect.ownKeys(part).map(String) : []) : [];
          return [name, own];
        }));
        const require = createRequire(process.cwd() + '/');
        const before = globals();
        ${load};
        console.log(globals() === before);`;
      const { stdout, stderr } = await runProgram(['--input-type=module', '-e', program]);
      expect({ stdout, stderr }).to.deep.equal({ stdout: 'true\n', stderr: '' });
    });
  }

  for (const [title, early, late] of [
    ['before', "require('reflect-metadata');", ''],
    ['after', '', "require('reflect-metadata');"],
  ] as const) {
    it(`shares metadata with a copy of reflect-metadata that the program loads ${title} this package`, async () => {
      const program = `import { createRequire } from 'node:module';
        const require = createRequire(process.cwd() + '/');
        ${early}
        const { getTracedMethods, span, trace } = await import('pandaprobe-ts');
        class First { run() {} }
        const decorate = (Class, decorator) => {
          const descriptor = Object.getOwnPropertyDescriptor(Class.prototype, 'run');
          Object.defineProperty(Class.prototype, 'run', decorator(Class.prototype, 'run', descriptor));
        };
        decorate(First, trace);
        ${late}
        class Agent { run() {} }
        Reflect.defineMetadata('route', '/below', Agent.prototype.run);
        decorate(Agent, span);
        const above = Reflect.getMetadata('route', Agent.prototype.run);
        Reflect.defineMetadata('role', 'admin', Agent.prototype.run);
        Reflect.defineMetadata('role', 'user', First.prototype.run);
        const noted = (Class) => Reflect.getMetadata(Symbol.for('pandaprobe.traced-methods'), Class.prototype.run).decorator;
        console.log(JSON.stringify([
          above, Reflect.getMetadata('role', Agent.prototype.run), Reflect.getMetadata('role', First.prototype.run),
          noted(Agent), noted(First), getTracedMethods(Agent).length, getTracedMethods(First).length,
        ]));`;
      const { stdout, stderr } = await runProgram(['--input-type=module', '-e', program]);
      expect({ stdout, stderr }).to.deep.equal({
        stdout: '["/below","admin","user","span","trace",1,1]\n',
        stderr: '',
      });
    });
  }
});
