// A `require` in an ES module that works in bundlers alone, because in Node it is to fail: rolldown would make it work there.
// So it is written as `requireInBundle` until rolldown has done its part.
export function requireInBundle(kind) {
  return {
    name: 'require-in-bundle',
    renderChunk: (code) => (kind === 'esm' ? code.replaceAll('requireInBundle(', 'require(') : null),
  };
}
