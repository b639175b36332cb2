import sinon from 'sinon';

/** Captures text written to stderr from here on, until `restore`. */
export function listenToStderr(): { readonly lines: readonly string[]; restore(): void } {
  const lines: string[] = [];
  const stub = sinon.stub(process.stderr, 'write').callsFake((text) => {
    lines.push(String(text).trimEnd());
    return true;
  });
  return { lines, restore: () => stub.restore() };
}

/** The lines that are written to stderr while `fn` runs. */
export async function stderrOf(fn: () => Promise<void>): Promise<readonly string[]> {
  const { lines, restore } = listenToStderr();
  try {
    await fn();
  } finally {
    restore();
  }
  return lines;
}
