// Handlers that leave a connection's messages to loops: where the application has none for `message`, these fill the
// connection's inbox, and tell it what the loop has to throw.

import { PeerError } from "../errors/classes.ts";
import { rethrow } from "./calls.ts";
import { type CloseReport, isAbnormalClosure } from "./closing.ts";
import type { Inbox } from "./inbox.ts";
import type { ConnectionHandlers } from "./settings.ts";

/** The context of handlers whose messages may be iterated over. */
export interface InboxOwner {
  /** Null where nobody iterates. */
  readonly inbox: Inbox | null;
  readonly closeReport: CloseReport | null;
}

const iterable = new WeakSet<object>();

/**
 * Handlers that fill the inboxes of connections, where the application's leave messages to loops: those without `message` and `stream`.
 * Others are returned as they are.
 */
export function inboxHandlers<Context extends InboxOwner>(
  handlers: ConnectionHandlers<Context>,
): ConnectionHandlers<Context> {
  if (handlers.message !== undefined || handlers.stream !== undefined) return handlers;
  const filling: ConnectionHandlers<Context> = {
    ...handlers,
    message: ({ inbox }, data) => inbox?.put(data),
    error: (context, error) => {
      context.inbox?.failed(error);
      if (handlers.error !== undefined) return handlers.error(context, error);
      if (context.inbox?.isRead !== true && !(error instanceof PeerError || isAbnormalClosure(error))) rethrow(error);
      return undefined;
    },
    close: (context, code, reason) => {
      context.inbox?.closed(context.closeReport!);
      return handlers.close?.(context, code, reason);
    },
  };
  iterable.add(filling);
  return filling;
}

/** Whether handlers leave messages to loops. */
export function leaveMessages<Context>(handlers: ConnectionHandlers<Context>): boolean {
  return iterable.has(handlers);
}
