// Imports the modules that are named as arguments one after the other, as pasted examples, and prints what fails and what is
// written to stderr.
import { createRequire } from 'node:module';

const failed = [];
let now = '';
process.on('unhandledRejection', (error) => failed.push(`${now}: ${error}`));
process.stderr.write = (text) => failed.push(`${now}: wrote to stderr: ${text}`) > 0;
for (now of process.argv.slice(2)) {
  createRequire(now)('pandaprobe-ts').init(); // a client tells of one cause once a minute, and every example is to be heard
  try {
    await import(now);
  } catch (error) {
    failed.push(`${now}: ${error}`);
  }
  await new Promise(setImmediate);
}
console.log(JSON.stringify(failed));
process.exit();
