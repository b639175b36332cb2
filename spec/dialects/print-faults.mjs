// Loads each module whose path comes as argument and prints, as a JSON list, what they threw.
import { pathToFileURL } from 'node:url';

const thrown = [];
for (const path of process.argv.slice(2)) {
  try {
    await import(pathToFileURL(path).href);
    thrown.push(null);
  } catch (error) {
    thrown.push({ isTypeError: error instanceof TypeError, code: error.code, message: error.message });
  }
}
console.log(JSON.stringify(thrown));
