// The listener of messages, where there is one: what an emitter does with it, without what it makes for several.

import { EventEmitter } from "node:events";

/** Whoever puts another in its place wants to see every event. */
const plainEmit: unknown = EventEmitter.prototype.emit;

/** A single listener, which an emitter keeps as it is: called by itself, it needs no array of its arguments. */
export function loneListener(emitter: EventEmitter): ((data: unknown, isBinary: boolean) => unknown) | undefined {
  const { _events: events } = emitter as unknown as { readonly _events?: { readonly message?: unknown } };
  const message = events?.message;
  const isAlone = typeof message === "function" && emitter.emit === plainEmit && !EventEmitter.captureRejections;
  return isAlone ? (message as (data: unknown, isBinary: boolean) => unknown) : undefined;
}
