import { diagnosticsChannel } from '../../common/builtins.js';
import { emptyFrame, type Frame } from '../../engine/frame.js';
import { currentFrame, enter } from '../../engine/scope.js';

/*
 * Up to Node 22, Node calls the handlers of all requests of one connection in the same async resource. So a frame that a handler
 * makes current before its first `await` is still current when the next request of the connection begins. Behind a proxy, that
 * may be the request of another user:
 *
 *     request 1   setUser('ada')                 the connection's frame has the user ada
 *     request 2   (nobody is signed in)          would be recorded as ada's
 *
 * So every later request of a connection begins with the frame with which the first one began.
 */

interface Connection {
  readonly bytesWritten: number;
}

const channel = 'http.server.request.start'; // Source: Node.js, diagnostics_channel, built-in channels
const frames = new WeakMap<Connection, Frame>();
/** How many clients keep requests apart. */
let clients = 0;

/**
 * From now on, each request of a connection begins without what the request before it made current.
 * @returns a function that stops this for the calling client; to be called once
 */
export function keepRequestsApart(): () => void {
  clients += 1;
  if (clients === 1) diagnosticsChannel().subscribe(channel, restore);
  return () => {
    clients -= 1;
    if (clients === 0) diagnosticsChannel().unsubscribe(channel, restore);
  };
}

/** A request begins: makes the frame current with which the first request of its connection began. */
function restore(message: unknown): void {
  const { socket } = message as { socket: Connection };
  const before = frames.get(socket) ?? frameOf(socket);
  frames.set(socket, before);
  if (currentFrame() !== before) enter(before);
}

/** The first frame of a connection that is new to us. If it is older than our listener, it may have had requests: then an empty frame. */
function frameOf({ bytesWritten }: Connection): Frame {
  return bytesWritten > 0 ? emptyFrame : currentFrame();
}
