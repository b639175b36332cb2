// Arguments: `provider=package=address` for each client.
const { ask } = require('./asks.cjs');

(async () => {
  for (const client of process.argv.slice(2)) {
    const [provider, name, url] = client.split('=');
    console.log(name);
    await ask(provider, require(name), url);
  }
})();
