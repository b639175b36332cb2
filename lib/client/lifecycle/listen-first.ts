import type { EventEmitter } from 'node:events';
import { queueMicrotask } from '../../common/real-time.js';

type Listener = (...args: unknown[]) => void;

/**
 * Listens to events of the process, before everybody else: a listener of the application's may remove itself, as those of
 * `once` do, and whoever comes later would not know that there was one. Whoever puts a listener in front is passed again, as soon
 * as the code that did so is over.
 * @returns a function that ends it
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
