/** Kills this process if the variable DIES names it. */
export function dieIf(name: string): void {
  if (process.env.DIES === name) process.kill(process.pid, 'SIGKILL');
}
