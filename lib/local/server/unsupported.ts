/** The backend's other calls: they need its judges, which run on its own machines. Each is answered with 501. */
export const unsupportedCalls: readonly string[] = [
  'POST /evaluations/trace-runs',
  'POST /evaluations/trace-runs/batch',
  'POST /evaluations/session-runs',
  'POST /evaluations/session-runs/batch',
  'POST /evaluations/monitors',
];
