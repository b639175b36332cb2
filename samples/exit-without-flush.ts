// The process exits right after recording, with no flush: everything is delivered nevertheless.
//
// batch-1
// └─ work TOOL
//
// batch-2
// └─ work TOOL
//
// batch-3
// └─ work TOOL
import { withSpan, withTrace } from 'pandaprobe-ts';

for (const number of [1, 2, 3]) {
  await withTrace(`batch-${number}`, () => withSpan('work', { kind: 'TOOL' }, async () => number * number));
}
process.exit(0);
