/** The message of a thrown value, which may be anything. Never throws. */
export function errorText(error: unknown): string {
  try {
    if (typeof error === 'string') return error;
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const { message } = error;
      if (typeof message === 'string' && message !== '') return message;
      if ('name' in error && typeof error.name === 'string' && error.name !== '') return error.name;
    }
    return String(error);
  } catch {
    return 'an error that cannot be read';
  }
}

/** The class of a thrown value, such as `a TypeError`: safe to log if the message may hold a secret. */
export function errorName(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return `a ${typeof error}`;
    const name: unknown = 'name' in error ? error.name : undefined;
    // Any other name may be the secret itself.
    if (typeof name !== 'string' || !/^[A-Za-z]{0,60}(?:Error|Exception)$/.test(name)) return 'an object';
    return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
  } catch {
    return 'something that cannot be read';
  }
}
