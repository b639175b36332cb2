/** The message of whatever was thrown. Never throws, whatever that is. */
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
