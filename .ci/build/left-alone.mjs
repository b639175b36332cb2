// Tells bundlers to leave the one lazy import of Node in the edge build as it is, because some Workers alone have the module.
// Done last: making code small takes comments away.
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
