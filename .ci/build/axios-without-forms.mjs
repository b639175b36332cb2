// axios without the global `FormData`, because reading that global loads all of `fetch`, which ends the thread if there is no
// WebAssembly (`--jitless`).
import { readFile } from 'node:fs/promises';

export function axiosWithoutForms() {
  return {
    name: 'axios-without-forms',
    load: {
      filter: { id: /[\\/]node_modules[\\/]axios[\\/]lib[\\/]utils\.js$/ },
      handler: async (id) => ({ code: withoutForms(await readFile(id, 'utf8')), moduleType: 'js' }),
    },
  };
}

function withoutForms(source) {
  const code = source.replace(/^const FormDataCtor = .*;$/m, 'const FormDataCtor = undefined;');
  if (code === source) throw new Error('axios is not what it was');
  return code;
}
