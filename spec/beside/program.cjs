// A program with its own tracing: THEIRS names the file that sets it up, ORDER says whether that happens before or
// after ours is loaded and set up, or that ours is not there at all (`alone`). Prints what theirs came to.
const order = process.env.ORDER;
const theirs = require(process.env.THEIRS);

let ours;
function setUpOurs() {
  ours = require('pandaprobe-ts');
  ours.init();
}

if (order === 'after') setUpOurs();
theirs.setUp();
if (order === 'before') setUpOurs();

const body = async (name, fn) => (ours === undefined ? fn() : ours.withSpan(name, fn));
const trace = async (name, fn) => (ours === undefined ? fn() : ours.withTrace(name, fn));

/** A request of the application itself. */
function callBackend(path) {
  return new Promise((resolve, reject) => {
    const request = require('node:http').get(`${process.env.PANDAPROBE_ENDPOINT}${path}`, (response) => {
      response.resume().once('end', resolve);
    });
    request.once('error', reject);
  });
}

async function main() {
  // Ours inside theirs, theirs inside ours, side by side.
  await theirs.span('request', () =>
    trace('agent', async () => {
      await body('search', () => theirs.span('query', () => callBackend('/of-the-application')));
      await Promise.all([body('one', () => theirs.span('first', later)), theirs.span('second', later)]);
      await body('failing', () => Promise.reject(new Error('caught'))).catch(() => {});
    }),
  );
  // Nothing of theirs is current.
  await trace('alone', () => body('step', later));
  await ours?.flush();
  await trace('at the end', () => body('last', later));
  console.log(JSON.stringify(await theirs.collected()));
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5));
main();
