/** Most bytes of a response that are read. Complaints about 500 spans fit. */
export const maxAnswerBytes = 1_048_576;

/** Size from which a body may be the cause of a broken connection, in bytes, even if all of it was written to the socket's buffers. */
export const leastLarge = 65_536;

/** Most requests at one time. */
export const maxSockets = 4;
