import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { VERSION } from '../../lib/common/version.js';

describe('VERSION', () => {
  it('is the version of the package, its lock file and the newest entry of the changelog', () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(JSON.parse(read('package.json')).version).to.equal(VERSION);
    expect(JSON.parse(read('package-lock.json')).version).to.equal(VERSION);
    expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).to.equal(VERSION);
  });
});
