// The messages of a socket as streams.

import type { OctetSource } from "../codec/octets.ts";
import type { Message } from "../connection/inbox.ts";
import { ReadyState } from "../connection/life.ts";
import { UsageError } from "../errors/classes.ts";
import { connectionOf, type Socket } from "../socket/socket.ts";

/** The messages of a socket, both ways. */
export interface MessageStreams {
  /**
   * What arrives, strings and octets; no more is read ahead than the peer may send unasked, about 1 MiB. It ends, or fails, as
   * a loop over the socket does. Cancelled, it closes the socket.
   */
  readonly readable: ReadableStream<Message>;
  /**
   * What is sent: each write is a message, and settles when that is taken. Closed, it closes the socket; aborted, it closes it
   * as well, whatever waits. It fails when the socket closes before.
   */
  readonly writable: WritableStream<string | OctetSource>;
}

/** A reason of `cancel` or `abort` that says how to close, such as an error of the web's. */
interface ClosingReason {
  readonly closeCode?: unknown;
  readonly reason?: unknown;
}

/**
 * Closes as a reason of `cancel` or `abort` says that has a code, and else without one.
 *
 * @throws  UsageError for a code or a reason that may not be sent: it is closed without one then
 */
function closeFor<Data>(socket: Socket<Data>, why: unknown): void {
  const { closeCode, reason } = (typeof why === "object" ? (why ?? {}) : {}) as ClosingReason;
  try {
    if (typeof closeCode === "number") socket.close(closeCode, typeof reason === "string" ? reason : "");
  } finally {
    socket.close();
  }
}

/**
 * Makes streams of a socket's messages.
 *
 * @param socket  one without a `message` or `stream` handler; the streams have its messages from now on
 * @throws        UsageError where a handler has them
 */
export function messageStreams<Data>(socket: Socket<Data>): MessageStreams {
  const messages = socket[Symbol.asyncIterator]();
  const readable = new ReadableStream<Message>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel(why) {
        try {
          closeFor(socket, why);
        } finally {
          void messages.return?.();
        }
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<string | OctetSource>({
    start(controller) {
      const fail = (): void =>
        controller.error(new UsageError("WS_NOT_OPEN", "the connection is closed: nothing more is sent"));
      if (socket.readyState === ReadyState.CLOSED) fail();
      else connectionOf(socket).onFinish(fail);
      // `abort` waits for a write under way, and that for a peer that may never read.
      controller.signal.addEventListener("abort", () => {
        try {
          closeFor(socket, controller.signal.reason);
        } catch {
          // `abort` says so
        }
      });
    },
    write: (message) =>
      new Promise((resolve, reject) => {
        socket.send(message, (error?: unknown) => (error === undefined || error === null ? resolve() : reject(error)));
      }),
    close: () => socket.close(),
    abort: (why) => closeFor(socket, why),
  });
  return { readable, writable };
}
