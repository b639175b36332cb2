// One character beyond Latin-1, in a message, say, and V8 keeps the whole file in two bytes a character: 100 KB take half a
// millisecond longer to compile. The code holds such characters in strings, templates and regular expressions alone, where an
// escape means the same.

const beyondAscii = /[^\0-\x7f]/g;

export function asciiOnly() {
  return {
    name: 'ascii-only',
    generateBundle(_options, files) {
      for (const file of Object.values(files))
        if (file.type === 'chunk') file.code = file.code.replace(beyondAscii, escaped);
    },
  };
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
