import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { currentOwner, folderName, isGivenUp } from '../../../lib/delivery/spool/owner.js';

describe('isGivenUp()', () => {
  const self = currentOwner();
  const ended = () => spawnSync(process.execPath, ['-e', '']).pid;
  const canTell = self.started !== '0';
  const [young, old] = [60_000, 60_001];
  const far = { ...self, machine: '0123456789ab' };
  const rows: [what: string, name: () => string, touchedMs: number, isGivenUp: boolean][] = [
    ['this process', () => folderName(self), old, !canTell],
    ['a folder that was freed', () => folderName(), 0, true],
    ['a process that has ended', () => folderName({ ...self, id: ended() }), 0, true],
    ['an earlier process with the same number', () => folderName({ ...self, started: '1' }), 0, canTell],
    [
      'a running process whose start is not known, touched lately',
      () => folderName({ ...self, started: '0' }),
      young,
      false,
    ],
    ['a running process whose start is not known, not touched', () => folderName({ ...self, started: '0' }), old, true],
    ['another machine, touched lately', () => folderName(far), young, false],
    ['another machine, not touched', () => folderName(far), old, true],
    ['an ended process of another machine, touched lately', () => folderName({ ...far, id: ended() }), young, false],
    ['a name of something else', () => 'notes', old, false],
    ['nearly a free one', () => 'free-xyz', old, false],
    ['nearly one of a process', () => `${folderName(far)}.bak`, old, false],
  ];
  for (const [what, name, touchedMs, expected] of rows) {
    it(`is ${expected} for ${what}`, () => expect(isGivenUp(name(), touchedMs)).to.equal(expected));
  }

  it('gives each folder a name of its own, in the form that is recognized', () => {
    const names = Array.from({ length: 100 }, () => folderName(self));
    expect(new Set(names)).to.have.length(100);
    for (const name of names) expect(name).to.match(/^\d+-\d+-[0-9a-f]{12}-[0-9a-f]{16}$/);
  });
});
