// Arguments: the address of a model, then `framework=package=package…` for each run.
import { run } from '../../auto/programs/frameworks.cjs';

const [url, ...runs] = process.argv.slice(2);
for (const each of runs) {
  const [framework, ...names] = each.split('=');
  console.log(each);
  await run(framework, (name) => import(name), url, names);
}
