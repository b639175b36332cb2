#!/usr/bin/env node
import { ownTerminal } from './command-line/terminal.js';
import { readEnvironment } from './environment.js';
import { runProgram } from './program.js';

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second signal ends the process at once.
  process.once(name, () => ending.abort());
}
// A reader such as head may stop reading; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// Nobody reads the remarks any more; the results still count.
process.stderr.on('error', () => {});

const environment = readEnvironment();
const terminal = ownTerminal(!environment.noColor);
process.exitCode = await runProgram(process.argv.slice(2), terminal, environment, ending.signal);
