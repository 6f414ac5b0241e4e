// The events of the WebSocket class, where the platform lacks their classes: Node has CloseEvent from 23 on and no
// ErrorEvent. HTML, WebSockets Standard §3.1 and §6.

import { share } from "../../share.ts";
import { showBy } from "../../socket/inspected.ts";

/** The connection is closed. */
export interface CloseEvent extends Event {
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
  /** The peer's close code, 1005 where its Close had none, 1006 where none came. */
  readonly code: number;
  readonly reason: string;
}

/** The connection failed; a `close` event follows. */
export interface ErrorEvent extends Event {
  /** What went wrong; the standard tells nothing of it. */
  readonly error: unknown;
  readonly message: string;
}

/** A message. */
// biome-ignore lint/suspicious/noExplicitAny: as the platform's types have it
export interface MessageEvent<T = any> extends Event {
  readonly data: T;
  /** The server's origin. */
  readonly origin: string;
  readonly lastEventId: string;
}

type CloseInit = Pick<CloseEvent, "wasClean" | "code" | "reason">;
type ErrorInit = Pick<ErrorEvent, "error" | "message">;

class OwnCloseEvent extends Event {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;

  constructor(type: string, { wasClean = false, code = 0, reason = "" }: Partial<CloseInit> = {}) {
    super(type);
    this.wasClean = wasClean;
    this.code = code;
    this.reason = reason;
  }
}

class OwnErrorEvent extends Event {
  readonly error: unknown;
  readonly message: string;

  constructor(type: string, { error, message = "" }: Partial<ErrorInit> = {}) {
    super(type);
    this.error = error;
    this.message = message;
  }
}

showBy(OwnCloseEvent.prototype, ["type", "wasClean", "code", "reason"]);
showBy(OwnErrorEvent.prototype, ["type", "message", "error"]);

type Maker<Init, Made> = new (type: string, init: Init) => Made;

/** The platform's class, or ours under its name. */
function eventClass<Init, Made>(name: string, own: Maker<Init, Made>): Maker<Init, Made> {
  const platform = (globalThis as Record<string, unknown>)[name] as Maker<Init, Made> | undefined;
  if (platform !== undefined) return platform;
  Object.defineProperty(own, "name", { value: name });
  return share(name, own);
}

export const CloseEvent: Maker<CloseInit, CloseEvent> = /*#__PURE__*/ eventClass("CloseEvent", OwnCloseEvent);
export const ErrorEvent: Maker<ErrorInit, ErrorEvent> = /*#__PURE__*/ eventClass("ErrorEvent", OwnErrorEvent);
export const MessageEvent: Maker<{ data: unknown; origin: string }, MessageEvent> =
  globalThis.MessageEvent as unknown as Maker<{ data: unknown; origin: string }, MessageEvent>;
