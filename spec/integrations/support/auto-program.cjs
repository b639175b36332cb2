// Arguments: the address of a model, then `framework=package=package…` for each run.
const { run } = require('../../auto/programs/frameworks.cjs');

const [url, ...runs] = process.argv.slice(2);
(async () => {
  for (const each of runs) {
    const [framework, ...names] = each.split('=');
    console.log(each);
    await run(framework, async (name) => require(name), url, names);
  }
})();
