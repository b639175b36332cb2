/** The rejections that nobody handles when `start` has run. */
export async function unhandledOf(start: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  start();
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners('unhandledRejection');
  for (const one of before) process.on('unhandledRejection', one);
  return reasons;
}
