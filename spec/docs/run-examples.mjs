// Imports the modules that are named as arguments one after the other, as pasted examples, and prints what fails.
const failed = [];
let now = '';
process.on('unhandledRejection', (error) => failed.push(`${now}: ${error}`));
for (now of process.argv.slice(2)) {
  try {
    await import(now);
  } catch (error) {
    failed.push(`${now}: ${error}`);
  }
  await new Promise(setImmediate);
}
console.log(JSON.stringify(failed));
process.exit();
