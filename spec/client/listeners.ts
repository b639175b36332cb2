const events = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection'];

/** How many listen to each of the events that a process ends with. */
export const countListeners = () => events.map((event) => `${event} ${process.listenerCount(event)}`);
