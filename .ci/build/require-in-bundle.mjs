// A `require` in an ES module that works only in bundlers and must fail in Node. Rolldown would make it work in Node, so it is
// written as `requireInBundle` until rolldown is done.
export function requireInBundle(kind) {
  return {
    name: 'require-in-bundle',
    renderChunk: (code) => (kind === 'esm' ? code.replaceAll('requireInBundle(', 'require(') : null),
  };
}
