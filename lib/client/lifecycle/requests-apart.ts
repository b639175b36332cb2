import { diagnosticsChannel } from '../../common/builtins.js';
import { emptyFrame, type Frame } from '../../engine/frame.js';
import { currentFrame, enter } from '../../engine/scope.js';

/*
 * Up to Node 22, what a handler of HTTP makes current before its first `await` stays current in its connection, because Node
 * calls the handlers of all requests of one connection in the same async resource. Behind a proxy, these are requests of different
 * users:
 *
 *     request 1   setUser('ada')                 the connection's frame has the user ada
 *     request 2   (nobody is signed in)          would be ada's
 *
 * So each later request of a connection begins with the frame that its first one began with.
 */

interface Connection {
  readonly bytesWritten: number;
}

const channel = 'http.server.request.start'; // Source: Node.js, diagnostics_channel, built-in channels
const frames = new WeakMap<Connection, Frame>();
/** How many clients want it. */
let clients = 0;

/**
 * Keeps what one request of a connection makes current away from the next, from now on.
 * @returns a function that stops it for one client
 */
export function keepRequestsApart(): () => void {
  clients += 1;
  if (clients === 1) diagnosticsChannel().subscribe(channel, restore);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    clients -= 1;
    if (clients === 0) diagnosticsChannel().unsubscribe(channel, restore);
  };
}

/** A request begins: what the first one of its connection began with is current again. */
function restore(message: unknown): void {
  const { socket } = message as { socket: Connection };
  const before = frames.get(socket) ?? frameOf(socket);
  frames.set(socket, before);
  if (currentFrame() !== before) enter(before);
}

/** The frame of a connection that was not seen before. It may have had requests already, if it is older than the listener. */
function frameOf({ bytesWritten }: Connection): Frame {
  return bytesWritten > 0 ? emptyFrame : currentFrame();
}
