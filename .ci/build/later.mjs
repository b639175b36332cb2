// Files that are loaded later, by a path within dist. Their imports stay imports, because a program that records nothing must not
// load delivery. For bundlers they are part of the entries.

/**
 * Loaded from both module systems: each holds all it needs. Were they built together with the entries, what they share
 * would move to chunks that every import of the package has to load. Their names are of a kind that no application uses,
 * because code taken into a bundle looks for them beside the bundle.
 */
export const laterEntries = {
  'pandaprobe-delivery': 'lib/client/loading/delivery-file.ts',
  'pandaprobe-sender': 'lib/delivery/start-sender.ts',
};

/** The path in dist for an import of these files, relative to the folder of a module kind. */
const files = new Map([
  ['./delivery-file.js', '../cjs/pandaprobe-delivery.cjs'],
  ['./start-sender.js', '../cjs/pandaprobe-sender.cjs'],
  ['./probe.js', './auto-probe.js'],
]);

export function later(kind) {
  return {
    name: 'later',
    resolveId(id, _, { kind: by }) {
      const file = by === 'dynamic-import' && kind !== 'bundled' ? files.get(id) : id;
      return /^(?:\.\.\/cjs\/pandaprobe-\w+\.cjs|\.\/auto-probe\.js)$/.test(file)
        ? { id: file, external: 'relative' }
        : null;
    },
  };
}
