// The events of a browser's WebSocket on an EventEmitter: `addEventListener` and the `on…` attributes. WHATWG HTML §9.3, as far as
// ws has it: no capture, no propagation. Their listeners stand among the emitter's.

import { EventEmitter } from "node:events";
import { enumerate } from "./enumerate.ts";
import { CloseEvent, ErrorEvent, Event, MessageEvent } from "./events.ts";

/** Listeners may be functions, or objects with a method. */
export type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

/** How long a listener stays. */
export interface ListenerOptions {
  readonly once?: boolean | undefined;
}

type EventType = "open" | "message" | "close" | "error";

/** What makes an event of what an emitter's listener is called with. */
const makers: Record<EventType, (target: EventTargetEmitter, ...values: never[]) => Event> = {
  open: (target) => new Event("open", target),
  message: (target, data: Buffer, isBinary: boolean) => new MessageEvent(target, isBinary ? data : data.toString()),
  close: (target, code: number, reason: Buffer) =>
    new CloseEvent(target, code, reason.toString(), target._closedCleanly),
  error: (target, error: unknown) => new ErrorEvent(target, error),
};

const handlerKey: unique symbol = Symbol("wsimd.handler");
const isAttributeKey: unique symbol = Symbol("wsimd.isAttribute");

/** A listener of the emitter that an event listener is called by. */
interface Caller {
  // biome-ignore lint/suspicious/noExplicitAny: an emitter's listeners take what it emits
  (...values: any[]): void;
  [handlerKey]?: unknown;
  [isAttributeKey]?: boolean;
}

/** The callers of a type: those of `on…` attributes, or the others. */
function callersOf(target: EventTargetEmitter, type: string, isAttribute: boolean): Caller[] {
  return (target.listeners(type) as Caller[]).filter((listener) => listener[isAttributeKey] === isAttribute);
}

function listen(
  target: EventTargetEmitter,
  type: EventType,
  handler: Listener<Event>,
  isAttribute: boolean,
  once: boolean,
): void {
  const make = makers[type];
  const caller: Caller = function (this: EventTargetEmitter, ...values): void {
    const event = make(this, ...(values as never[]));
    if (typeof handler === "function") handler.call(this, event);
    else handler.handleEvent(event);
  };
  caller[handlerKey] = handler;
  caller[isAttributeKey] = isAttribute;
  if (once) target.once(type, caller);
  else target.on(type, caller);
}

/** The caller of an `on…` attribute. */
const attributeOf = (target: EventTargetEmitter, type: EventType): Caller | undefined =>
  callersOf(target, type, true)[0];

/** The handler of an `on…` attribute; null where there is none. */
function attribute<E>(target: EventTargetEmitter, type: EventType): ((event: E) => void) | null {
  return (attributeOf(target, type)?.[handlerKey] as ((event: E) => void) | undefined) ?? null;
}

/** Sets it; what is no function takes it away. */
function setAttribute(target: EventTargetEmitter, type: EventType, handler: unknown): void {
  const caller = attributeOf(target, type);
  if (caller !== undefined) target.removeListener(type, caller);
  if (typeof handler === "function") listen(target, type, handler as (event: Event) => void, true, false);
}

export abstract class EventTargetEmitter extends EventEmitter {
  /** Whether both sides sent a Close: what `wasClean` says. */
  abstract readonly _closedCleanly: boolean;

  /** Adds a listener, once; a type that there is not is ignored. */
  addEventListener(type: "message", listener: Listener<MessageEvent>, options?: ListenerOptions): void;
  addEventListener(type: "close", listener: Listener<CloseEvent>, options?: ListenerOptions): void;
  addEventListener(type: "error", listener: Listener<ErrorEvent>, options?: ListenerOptions): void;
  addEventListener(type: "open", listener: Listener<Event>, options?: ListenerOptions): void;
  addEventListener(type: string, listener: Listener<never>, options: ListenerOptions = {}): void {
    if (!Object.hasOwn(makers, type)) return;
    if (callersOf(this, type, false).some((caller) => caller[handlerKey] === listener)) return;
    listen(this, type as EventType, listener as Listener<Event>, false, options.once === true);
  }

  /** Removes what `addEventListener` added. */
  removeEventListener(type: string, listener: unknown): void {
    const caller = callersOf(this, type, false).find((one) => one[handlerKey] === listener);
    if (caller !== undefined) this.removeListener(type, caller);
  }

  get onopen(): ((event: Event) => void) | null {
    return attribute(this, "open");
  }

  set onopen(handler: ((event: Event) => void) | null) {
    setAttribute(this, "open", handler);
  }

  get onmessage(): ((event: MessageEvent) => void) | null {
    return attribute(this, "message");
  }

  set onmessage(handler: ((event: MessageEvent) => void) | null) {
    setAttribute(this, "message", handler);
  }

  get onclose(): ((event: CloseEvent) => void) | null {
    return attribute(this, "close");
  }

  set onclose(handler: ((event: CloseEvent) => void) | null) {
    setAttribute(this, "close", handler);
  }

  get onerror(): ((event: ErrorEvent) => void) | null {
    return attribute(this, "error");
  }

  set onerror(handler: ((event: ErrorEvent) => void) | null) {
    setAttribute(this, "error", handler);
  }
}

enumerate(EventTargetEmitter.prototype, ["onopen", "onmessage", "onclose", "onerror"]);
