// Tells bundlers not to resolve the only lazy import of a Node module in the edge build, because only some Workers have that
// module. Done last, because minifying removes comments.
const asks = /\bimport\(\s*([`'"])node:async_hooks\1\s*\)/;

export function leftAlone(kind) {
  return {
    name: 'left-alone',
    generateBundle(_, chunks) {
      if (kind !== 'edge') return;
      for (const chunk of Object.values(chunks)) {
        chunk.code = chunk.code?.replace(
          asks,
          'import(/* webpackIgnore: true */ /* @vite-ignore */ "node:async_hooks")',
        );
      }
    },
  };
}
