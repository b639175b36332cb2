// Arguments: `provider=package=address` for each client.
import { ask } from './asks.cjs';

for (const client of process.argv.slice(2)) {
  const [provider, name, url] = client.split('=');
  console.log(name);
  await ask(provider, await import(name), url);
}
