const digits = new Intl.NumberFormat('en-US');

/** A number with separators, for people. */
export function count(number: number): string {
  return digits.format(number);
}

/** `1 trace`, `1,204 traces`. */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `1.24 ms`, `3.1 s`, `2 min 5 s`; `open` where there is no end. */
export function durationText(ms: number | null): string {
  if (ms === null) return 'open';
  if (ms < 0) return '0.00 ms'; // two clocks, or one that was set back
  // Each limit is where the text of the smaller unit would be rounded up to the larger one.
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `$0.00213`; empty for 0. A small amount is shown with its first digits, not rounded to cents. */
export function dollars(amount: number): string {
  const text = Number(amount.toPrecision(4)).toFixed(10);
  return amount === 0 ? '' : `$${text.replace(/[.]?0+$/, '')}`;
}

/** `1,204 tokens`; empty for none. */
export function tokensText(tokens: number): string {
  return tokens === 0 ? '' : `${count(tokens)} tokens`;
}
