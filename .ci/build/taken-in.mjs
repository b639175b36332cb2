// Dependencies whose used parts the build includes, because each would cost users more as a separate package.
//
// uuid has no CommonJS file, and runners that load modules by themselves, such as Jest, cannot require an ES module on
// every Node this package runs on. As ES modules it is twenty files of which we need four: they would be a good part of the
// time it takes to import this package. Of axios the core is taken in: it does without the hundred milliseconds and 13 MB
// that the whole takes. reflect-metadata as a file of its own is more than half of the time to import us; copies of it share
// what they hold.
import { sep } from 'node:path';

const takenIn = ['uuid', 'axios/unsafe', 'reflect-metadata/no-conflict'];

/** Whether an import stays an import in dist. */
export function staysImported(id) {
  const isPackage = !id.startsWith('.') && !id.startsWith('/') && !/^[a-z]:\\/i.test(id);
  return isPackage && !takenIn.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Whether the module at `path` belongs to a dependency that is taken in. */
export function isTakenIn(path) {
  return takenIn.some((name) => isOf(packageOf(name), path));
}

/** A comment that names the packages whose code a file contains; their licence is installed with the dependency. */
export function credits(paths) {
  const names = takenIn.map(packageOf).filter((name) => paths.some((path) => isOf(name, path)));
  return names.map((name) => `/* Holds parts of ${name}, under the licence in its package. */`).join('\n');
}

/** The package a module is imported from. */
function packageOf(specifier) {
  return specifier.split('/')[0];
}

function isOf(name, path) {
  return path.split(sep).join('/').includes(`/node_modules/${name}/`);
}
