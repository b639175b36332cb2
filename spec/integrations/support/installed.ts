import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';

const installed = fileURLToPath(new URL('../node_modules/.package-lock.json', import.meta.url));

let isTold = false;

/**
 * Leaves a suite out, with a line that says so, where the frameworks are not installed; on a build server (`CI=true`) it
 * fails. Call it before the frameworks are imported, and never import them at the top of a spec.
 */
export function needFrameworks(context: Context): void {
  if (existsSync(installed)) return;
  const how = 'the frameworks of spec/integrations are not installed: npm run integrations';
  if (process.env.CI === 'true') throw new Error(how);
  if (!isTold) console.log(`      left out: ${how}`);
  isTold = true;
  context.skip();
}
