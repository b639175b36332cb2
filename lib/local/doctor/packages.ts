import { isAmong, knownPackages } from '../../common/known-packages.js';
import { VERSION } from '../../common/version.js';
import { type Finding, findings } from './finding.js';
import { type Installed, installedFor } from './installed.js';

const own = 'pandaprobe-ts';
const api = '@opentelemetry/api';

/**
 * Reports the known clients and frameworks, copies of this package and of `@opentelemetry/api` that programs in a folder can
 * load.
 */
export function packageFindings(folder: string): readonly Finding[] {
  const names = new Set([own, api, ...knownPackages.map(({ name }) => name)]);
  const installed = installedFor(folder, names);
  const of = (name: string) => installed.filter((each) => each.name === name);
  const known = installed.filter(({ name }) => name !== own && name !== api);
  return [
    ...ownFindings(of(own)),
    ...(known.length === 0
      ? [findings('packages').warning('no client or framework that is known is installed here')]
      : known.map(supportOf)),
    ...apiFindings(of(api)),
  ];
}

function supportOf({ name, version }: Installed): Finding {
  const { ok, warning } = findings('packages');
  const rows = knownPackages.filter((each) => each.name === name);
  const row = rows.find(({ versions }) => isAmong(version, versions));
  if (row !== undefined) return ok(`${name} ${version}: recorded by ${own}/${row.entry}`);
  const versions = rows.map((each) => each.versions).join(', ');
  return warning(`${name} ${version}: not recorded; known are the versions ${versions}`);
}

function ownFindings(copies: readonly Installed[]): readonly Finding[] {
  const { ok, warning } = findings('versions');
  const node = ok(`Node ${process.versions.node}, ${own} ${VERSION}`);
  if (copies.length === 0) return [node, warning(`${own} is not installed here: npm install ${own}`)];
  if (copies.length === 1) return [node, ok(`one copy of ${own} is installed: ${copies[0]?.version}`)];
  const list = copies.map(({ version, path }) => `${version} in ${path}`).join(', ');
  const isOne = new Set(copies.map(({ version }) => version)).size === 1;
  const text = `${copies.length} copies of ${own} are installed: ${list}`;
  return [node, isOne ? ok(text) : warning(`${text}; they share one client, but not one version: npm dedupe`)];
}

/**
 * Reports copies of `@opentelemetry/api` in several versions. If an older one registers first, callers of a newer one silently
 * get no provider.
 */
function apiFindings(copies: readonly Installed[]): readonly Finding[] {
  const { ok, warning } = findings('opentelemetry');
  const versions = [...new Set(copies.map(({ version }) => version))];
  if (versions.length === 0) return [];
  if (versions.length === 1) return [ok(`${api} ${versions[0]}`)];
  const text = `${api} is installed in ${versions.length} versions (${versions.join(', ')})`;
  return [
    warning(`${text}: where an older one registers first, spans of the newer one are lost without a word: npm dedupe`),
  ];
}
