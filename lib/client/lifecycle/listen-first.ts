import type { EventEmitter } from 'node:events';
import { queueMicrotask } from '../../common/real-time.js';

type Listener = (...args: unknown[]) => void;

/**
 * Listens to events of the process as the first listener. A listener of the application may remove itself, as those of `once` do,
 * and a later listener would not know that there was one. If other code adds a listener in front, this one moves to the front
 * again as soon as that code has finished.
 * @returns a function that removes the listeners
 */
export function listenFirst(listeners: Readonly<Record<string, Listener>>): () => void {
  const target: EventEmitter = process;
  let isOver = false;
  const onNew = (event: string | symbol, added: unknown) => {
    const own = typeof event === 'string' && Object.hasOwn(listeners, event) ? listeners[event] : undefined;
    if (own === undefined || own === added) return;
    queueMicrotask(() => {
      if (isOver || target.listeners(event)[0] === own) return;
      target.off(event, own);
      target.prependListener(event, own);
    });
  };
  for (const [event, listener] of Object.entries(listeners)) target.prependListener(event, listener);
  target.on('newListener', onNew);
  return () => {
    isOver = true;
    target.off('newListener', onNew);
    for (const [event, listener] of Object.entries(listeners)) target.off(event, listener);
  };
}
