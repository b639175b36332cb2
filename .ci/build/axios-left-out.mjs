// Leaves out the parts of axios's core that our requests do not need, because they would be part of every program: its own
// adapters, the defaults for `axios.create()`, and the code for forms, which needs a further package.
import { sep } from 'node:path';

const files = new Map([
  ['axios/lib/adapters/adapters.js', 'export default { getAdapter: (adapter) => adapter };'],
  ['axios/lib/defaults/index.js', 'export default {};'],
  ['axios/lib/helpers/buildURL.js', 'export default (url) => url;'],
  ['axios/lib/platform/node/index.js', 'export default {};'],
]);

export function axiosLeftOut() {
  return {
    name: 'axios-left-out',
    load(id) {
      const [, path] = id.split(sep).join('/').split('/node_modules/');
      const code = files.get(path);
      return code === undefined ? null : { code, moduleType: 'js' };
    },
  };
}
