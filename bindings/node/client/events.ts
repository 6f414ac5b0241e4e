// The events of the WebSocket class, where the platform lacks their classes: Node has CloseEvent from 23 on and no
// ErrorEvent. HTML, WebSockets Standard §3.1 and §6.

import { share } from "../../share.ts";

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
export interface MessageEvent<T = unknown> extends Event {
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

/** Every event of a WebSocket by its type. */
export interface WebSocketEventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: ErrorEvent;
  readonly close: CloseEvent;
}

type Listener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown } | null;

/** An EventTarget whose listeners know the events of a WebSocket. */
export interface WebSocketEventTarget extends EventTarget {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: boolean | { readonly once?: boolean; readonly capture?: boolean; readonly signal?: AbortSignal },
  ): void;
  addEventListener(type: string, listener: Listener<Event>, options?: boolean | object): void;
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: boolean | { readonly capture?: boolean },
  ): void;
  removeEventListener(type: string, listener: Listener<Event>, options?: boolean | object): void;
}

/** EventTarget itself. */
export const TypedEventTarget: new () => WebSocketEventTarget = EventTarget as new () => WebSocketEventTarget;

/** What an `on…` attribute may hold. */
type Handler = ((this: never, event: never) => unknown) | null;

/** The listeners of one object's `on…` attributes: one a type, which keeps its place while its handler changes. */
export class EventHandlers {
  private readonly target: EventTarget;
  private readonly handlers = new Map<string, Handler>();

  constructor(target: EventTarget) {
    this.target = target;
  }

  get<H extends Handler>(type: string): H | null {
    return (this.handlers.get(type) as H | undefined) ?? null;
  }

  /** HTML §8.1.8.1: anything but an object is null; the listener goes away with its handler. */
  set(type: string, value: unknown): void {
    const handler = (typeof value === "object" || typeof value === "function" ? value : null) as Handler;
    const had = this.get(type) !== null;
    this.handlers.set(type, handler);
    if (handler === null) this.target.removeEventListener(type, this.call);
    else if (!had) this.target.addEventListener(type, this.call);
  }

  private readonly call = (event: Event): void => {
    const handler = this.handlers.get(event.type);
    if (typeof handler !== "function") return;
    const result = (handler as (this: unknown, event: Event) => unknown).call(this.target, event);
    if (result === false) event.preventDefault();
  };
}
