import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import * as library from '../../lib/index.js';
import { shapesOf } from './growth-shapes.js';

/*
 * P32 without a stopwatch: ten times the work takes at most twelve times the steps. What is counted does not depend on the
 * machine.
 */

const few = 1000;
const most = 12;
const program = fileURLToPath(new URL('growth-program.ts', import.meta.url));

describe('Growth (P32)', function () {
  this.timeout(300_000);
  const steps = new Map<string, readonly number[]>();
  before(async () => {
    const flags = ['--no-opt', '--no-maglev', '--import', 'tsx'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, String(few), String(10 * few)]);
    for (const line of stdout.trim().split('\n')) {
      const counted = JSON.parse(line) as { shape: string; steps: readonly number[] }; // what the program prints
      steps.set(counted.shape, counted.steps);
    }
  });

  for (const shape of Object.keys(shapesOf(library))) {
    it(`P32 takes at most ${most} times the steps for 10 times the ${shape}`, () => {
      const [little = 0, much = Number.POSITIVE_INFINITY] = steps.get(shape) ?? [];
      expect(little).to.be.greaterThan(few);
      expect(much / little).to.be.within(8, most);
    });
  }
});
