import { expect } from 'chai';
import { checkFiles, checkLib, checkSamples } from './check.js';
import { unusedExports } from './exports.js';
import { rooms } from './rooms.js';

describe('The checker of the architecture', () => {
  /** Every room has a file to import, so that only the import in question can be at fault. */
  function faultsOf(path: string, source: string, others: Record<string, string> = {}): string[] {
    const folders = Object.entries(rooms).flatMap(([room, { folders: inside = {} }]) => [
      room,
      ...Object.keys(inside).map((folder) => `${room}/${folder}`),
    ]);
    const files = new Map(folders.map((folder) => [`lib/${folder}/some.ts`, 'export const some = 1;']));
    files.set('lib/index.ts', "export { some } from './client/some.js';");
    for (const [other, text] of Object.entries(others)) files.set(other, text);
    return checkLib(files.set(path, source));
  }

  const allowed: [path: string, source: string][] = [
    ['lib/common/a.ts', "import { v4 } from 'uuid';"],
    ['lib/common/a.ts', "import { some } from './some.js';"],
    ['lib/engine/a.ts', "import { some } from '../model/some.js'; import { x } from 'node:util';"],
    ['lib/engine/scope.ts', "import { AsyncLocalStorage } from 'node:async_hooks';"],
    ['lib/delivery/http/axios-client.ts', "import axios from 'axios';"],
    ['lib/delivery/schedule/a.ts', "import { some } from '../queue/some.js'; import { b } from './some.js';"],
    ['lib/delivery/some.ts', "import { some } from './schedule/some.js';"],
    ['lib/delivery/a.ts', "const http = await import('./some.js');"],
    ['lib/config/a.ts', "import type { some } from '../engine/some.js'; const key = process.env.KEY;"],
    ['lib/config/a.ts', "type Some = import('../engine/some.js').Some; import { most } from '../model/some.js';"],
    ['lib/client/a.ts', "export { some } from '../config/some.js'; export * from '../delivery/some.js';"],
    ['lib/instrument/a.ts', "import 'reflect-metadata'; import { some } from '../client/some.js';"],
    ['lib/wrappers/openai.ts', "import type { OpenAI } from 'openai'; import type { X } from '@google/genai/web';"],
    ['lib/integrations/a.ts', "import { some } from '../calls/some.js'; import type { X } from 'ai';"],
    ['lib/local/a.ts', "const { Database } = await import('libsql'); import { some } from '../model/some.js';"],
    ['lib/engine/a.ts', "// import { some } from '../client/some.js'; process.env AsyncLocalStorage"],
    ['lib/engine/a.ts', 'export const text = "import { x } from \'../client/some.js\'; process.env";'],
    ['lib/common/real-time.ts', "process.getBuiltinModule('node:timers'); Date.now();"],
    ['lib/engine/a.ts', "import { setTimeout } from '../common/some.js'; setTimeout(() => {}, 1); new Date(0);"],
    ['lib/local/a.ts', 'setTimeout(() => {}, Date.now());'],
    ['lib/engine/a.ts', 'declare const record: { env: string }; export const env = record.env;'],
  ];
  for (const [path, source] of allowed) {
    it(`accepts ${source} in ${path}`, () => {
      expect(faultsOf(path, source)).to.deep.equal([]);
    });
  }

  const refused: [path: string, source: string, fault: string][] = [
    ['lib/common/a.ts', "import { some } from '../model/some.js';", 'goes up: imports lib/model/some.ts'],
    ['lib/common/a.ts', "import type { some } from '../model/some.js';", 'goes up: imports lib/model/some.ts'],
    ['lib/model/a.ts', "export * from '../engine/some.js';", 'goes up: imports lib/engine/some.ts'],
    ['lib/model/a.ts', "export type { some } from '../engine/some.js';", 'goes up: imports lib/engine/some.ts'],
    ['lib/model/a.ts', "export type Some = import('../client/some.js').Some;", 'goes up: imports lib/client/some.ts'],
    ['lib/engine/a.ts', "import { some } from '../delivery/some.js';", 'goes sideways: imports lib/delivery/some.ts'],
    ['lib/delivery/a.ts', "await import('../engine/some.js');", 'goes sideways: imports lib/engine/some.ts'],
    ['lib/wrappers/a.ts', "import '../instrument/some.js';", 'goes sideways: imports lib/instrument/some.ts'],
    [
      'lib/wrappers/a.ts',
      "export { some } from '../integrations/some.js';",
      'goes sideways: imports lib/integrations/some.ts',
    ],
    ['lib/calls/a.ts', "export { some } from '../wrappers/some.js';", 'goes up: imports lib/wrappers/some.ts'],
    [
      'lib/instrument/a.ts',
      "import { some } from '../delivery/some.js';",
      'goes where it may not: imports lib/delivery/some.ts',
    ],
    [
      'lib/local/a.ts',
      "import { some } from '../client/some.js';",
      'goes where it may not: imports lib/client/some.ts',
    ],
    ['lib/config/a.ts', "import { some } from '../engine/some.js';", 'takes more than types from engine/'],
    ['lib/config/a.ts', "import { type some } from '../engine/some.js';", 'takes more than types from engine/'],
    ['lib/config/a.ts', "import type { some } from '../client/some.js';", 'goes up: imports lib/client/some.ts'],
    ['lib/client/a.ts', "import { some } from '../index.js';", 'goes up: imports lib/index.ts'],
    ['lib/client/a.ts', "import { some } from './gone.js';", 'imports ./gone.js, which is not a file of lib/'],
    ['lib/client/a.ts', "import { x } from '../../spec/x.js';", 'imports ../../spec/x.js, which is not a file of lib/'],
    ['lib/client/a.ts', "import { readFile } from 'fs';", 'imports fs without node:'],
    ['lib/client/a.ts', 'await import(name);', 'imports a name that is put together at run time'],
    ['lib/client/a.ts', "require('left-pad');", 'imports the package left-pad'],
    ['lib/client/a.ts', "import some = require('@scope/left-pad/x');", 'imports the package @scope/left-pad'],
    ['lib/engine/a.ts', "import 'reflect-metadata';", 'imports the package reflect-metadata'],
    ['lib/engine/a.ts', "import type { OpenAI } from 'openai';", 'imports the package openai'],
    ['lib/wrappers/a.ts', "import OpenAI from 'openai';", 'loads the package openai, of which it may have types'],
    ['lib/wrappers/a.ts', "await import('openai');", 'loads the package openai, of which it may have types'],
    ['lib/engine/a.ts', 'const key = process.env.KEY;', 'reads the environment'],
    ['lib/engine/a.ts', "const key = globalThis.process?.['env']['KEY'];", 'reads the environment'],
    ['lib/engine/a.ts', 'const { env } = process;', 'reads the environment'],
    ['lib/engine/a.ts', "import { env } from 'node:process';", 'reads the environment'],
    ['lib/engine/a.ts', "import { AsyncLocalStorage } from 'node:async_hooks';", 'names AsyncLocalStorage'],
    ['lib/client/a.ts', 'new hooks.AsyncLocalStorage();', 'names AsyncLocalStorage'],
    ...[
      ['setTimeout(() => {}, 1);', 'setTimeout'],
      ['globalThis.setImmediate(() => {});', 'setImmediate'],
      ["import { clearInterval } from 'node:timers';", 'node:timers'],
      ["process.getBuiltinModule('node:timers/promises');", 'node:timers/promises'],
      ['performance.now();', 'performance'],
      ['queueMicrotask(() => {});', 'queueMicrotask'],
      ['process.nextTick(() => {});', 'process.nextTick'],
      ['process.hrtime.bigint();', 'process.hrtime'],
      ['export const now = options.now ?? Date.now;', 'Date.now'],
      ['new Date();', 'new Date()'],
    ].map(([source = '', name]): [string, string, string] => [
      'lib/client/a.ts',
      source,
      `takes ${name} from where it can be a fake`,
    ]),
    ['lib/index.ts', "import { some } from './client/some.js'; some();", 'does more than list names'],
    ['lib/index.ts', "export * from 'uuid';", 'imports the package uuid'],
    [
      'lib/delivery/queue/a.ts',
      "import type { some } from '../schedule/some.js';",
      'goes up: imports lib/delivery/schedule/some.ts',
    ],
    ['lib/delivery/queue/a.ts', "import '../some.js';", 'goes up: imports lib/delivery/some.ts'],
    [
      'lib/delivery/queue/a.ts',
      "import { some } from '../http/some.js';",
      'goes sideways: imports lib/delivery/http/some.ts',
    ],
    [
      'lib/delivery/schedule/a.ts',
      "await import('../http/some.js');",
      'goes where it may not: imports lib/delivery/http/some.ts',
    ],
    ['lib/delivery/attic/a.ts', 'export {};', 'is in no folder of delivery/'],
    ['lib/attic/a.ts', 'export {};', 'is in no room'],
    ['lib/loose.ts', 'export {};', 'is in no room'],
  ];
  for (const [path, source, fault] of refused) {
    it(`refuses ${source} in ${path}`, () => {
      expect(faultsOf(path, source)).to.deep.equal([`${path} ${fault}`]);
    });
  }

  it('refuses more files directly in a room than it may have', () => {
    const others = Object.fromEntries(['b', 'c', 'd'].map((name) => [`lib/delivery/${name}.ts`, '']));
    expect(faultsOf('lib/delivery/a.ts', '', others)).to.deep.equal(['lib/delivery has 5 files of its own']);
  });

  it('refuses axios in a second file and outside delivery/', () => {
    const faults = faultsOf('lib/delivery/http/a.ts', "import axios from 'axios';", {
      'lib/delivery/http/b.ts': "import type { AxiosError } from 'axios';",
      'lib/wrappers/c.ts': "import type { AxiosError } from 'axios';",
    });
    expect(faults).to.deep.equal([
      'more than one file imports axios: lib/delivery/http/b.ts, lib/wrappers/c.ts, lib/delivery/http/a.ts',
      'lib/wrappers/c.ts imports axios',
    ]);
  });

  it('refuses every kind of import of a spec in a sample, and nothing else', () => {
    const faults = checkSamples(
      new Map([
        ['samples/a.ts', "import { x } from '../spec/support/x.js';"],
        ['samples/demo/b.ts', "import type { X } from '../../spec/support/x.js';"],
        ['samples/c.ts', "await import('../spec/x.js');"],
        ['samples/d.ts', "import { x } from './spec/x.js'; import { y } from '../lib/spec/y.js'; import 'spec/z';"],
      ]),
    );
    expect(faults).to.deep.equal([
      'samples/a.ts imports ../spec/support/x.js',
      'samples/demo/b.ts imports ../../spec/support/x.js',
      'samples/c.ts imports ../spec/x.js',
    ]);
  });

  it('refuses every kind of export that no other file takes', () => {
    const files = new Map([
      ['lib/model/a.ts', 'export const a = 1, b = 2; export function c() {} export class D {} c(); b;'],
      ['lib/model/e.ts', 'interface E {} type F = E; export type { E, F }; export default 1; export interface G {}'],
      ['lib/model/h.ts', "export type { E } from './e.js'; export { a as h } from './a.js';"],
      ['lib/model/i.ts', 'export const i = 1;'],
      ['lib/model/i.d.ts', 'export declare const i: 1;'],
      ['lib/index.ts', 'export const index = 1;'],
    ]);
    const users = new Map([['spec/b.spec.ts', "import { b } from '../lib/model/a.js'; export const own = b;"]]);
    expect(unusedExports(files, users, (path) => path === 'lib/index.ts' || path.endsWith('.d.ts'))).to.deep.equal([
      ...['lib/model/a.ts: c', 'lib/model/a.ts: D'],
      ...['lib/model/e.ts: F', 'lib/model/e.ts: default', 'lib/model/e.ts: G'],
      ...['lib/model/h.ts: E', 'lib/model/h.ts: h', 'lib/model/i.ts: i'],
    ]);
  });

  const taking = [
    "import { a, default as d } from './a.js';",
    "import d, { type a } from './a.js';",
    "import * as all from './a.js';",
    "export * from './a.js';",
    "export { a, default as d } from './a.js';",
    "const { a } = await import('./a.js');",
    "type A = import('./a.js').a; type D = typeof import('./a.js').default;",
    "type All = typeof import('./a.js');",
  ];
  for (const source of taking) {
    it(`accepts exports that are taken by ${source}`, () => {
      const files = new Map([['lib/model/a.ts', 'export const a = 1; export default a;']]);
      expect(unusedExports(files, new Map([['lib/model/b.ts', source]]), () => false)).to.deep.equal([]);
    });
  }

  it('refuses names that say nothing and files of more than 400 lines', () => {
    const faults = checkFiles(
      new Map([
        ['lib/utils/a.ts', ''],
        ['lib/client/queue-manager.ts', ''],
        ['spec/base.spec.ts', ''],
        ['lib/local/database.ts', 'x\n'.repeat(400)],
        ['lib/client/long.ts', 'x\n'.repeat(401)],
      ]),
    );
    expect(faults).to.deep.equal([
      'lib/utils/a.ts is named utils',
      'lib/client/queue-manager.ts is named manager',
      'spec/base.spec.ts is named base',
      'lib/client/long.ts has 401 lines',
    ]);
  });
});
