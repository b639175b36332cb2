/** One result of `doctor`. */
export interface Finding {
  readonly topic: 'settings' | 'endpoint' | 'versions' | 'packages' | 'auto' | 'spool' | 'opentelemetry';
  /** `fault`: traces do not arrive. `warning`: some may not. */
  readonly level: 'ok' | 'warning' | 'fault';
  readonly text: string;
}

/** Makes findings of one topic. */
export function findings(topic: Finding['topic']) {
  const of =
    (level: Finding['level']) =>
    (text: string): Finding => ({ topic, level, text });
  return { ok: of('ok'), warning: of('warning'), fault: of('fault') };
}
