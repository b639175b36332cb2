/** The outcome of an update: stored, refused for good, or dropped because there was no room. */
export type UpdateOutcome = 'stored' | 'refused' | 'left out';
