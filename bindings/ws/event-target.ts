// The events of a browser's WebSocket on an EventEmitter: `addEventListener`, `on…`, and the objects that listeners get.
// WHATWG HTML §9.3, as far as ws has it: no capture, no propagation.

import type { EventEmitter } from "node:events";

/** What happened to a WebSocket. */
export class Event {
  readonly #type: string;
  readonly #target: unknown;

  constructor(type: string, target: unknown = null) {
    this.#type = type;
    this.#target = target;
  }

  get type(): string {
    return this.#type;
  }

  get target(): unknown {
    return this.#target;
  }
}

export class MessageEvent extends Event {
  readonly #data: unknown;

  constructor(target: unknown, data: unknown) {
    super("message", target);
    this.#data = data;
  }

  get data(): unknown {
    return this.#data;
  }
}

export class CloseEvent extends Event {
  readonly #code: number;
  readonly #reason: string;
  readonly #wasClean: boolean;

  constructor(target: unknown, code: number, reason: string, wasClean: boolean) {
    super("close", target);
    this.#code = code;
    this.#reason = reason;
    this.#wasClean = wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Whether both sides sent a Close. */
  get wasClean(): boolean {
    return this.#wasClean;
  }
}

export class ErrorEvent extends Event {
  readonly #error: unknown;

  constructor(target: unknown, error: unknown) {
    super("error", target);
    this.#error = error;
  }

  get error(): unknown {
    return this.#error;
  }

  get message(): string {
    return (this.#error as Error).message;
  }
}

/** Listeners may be functions, or objects with a method. */
export type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void };

/** Whose events they are. */
interface Target extends EventEmitter {
  readonly closedCleanly: boolean;
}

type EventType = "open" | "message" | "close" | "error";

/** What makes an event of what an emitter's listener is called with. */
const makers: Record<EventType, (target: Target, ...values: never[]) => Event> = {
  open: (target) => new Event("open", target),
  message: (target, data: Buffer, isBinary: boolean) => new MessageEvent(target, isBinary ? data : data.toString()),
  close: (target, code: number, reason: Buffer) =>
    new CloseEvent(target, code, reason.toString(), target.closedCleanly),
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
function callersOf(target: Target, type: string, isAttribute: boolean): Caller[] {
  return (target.listeners(type) as Caller[]).filter((listener) => listener[isAttributeKey] === isAttribute);
}

function listen(target: Target, type: EventType, handler: Listener<Event>, isAttribute: boolean, once: boolean): void {
  const make = makers[type];
  const caller: Caller = function (this: Target, ...values): void {
    const event = make(this, ...(values as never[]));
    if (typeof handler === "function") handler.call(this, event);
    else handler.handleEvent(event);
  };
  caller[handlerKey] = handler;
  caller[isAttributeKey] = isAttribute;
  if (once) target.once(type, caller);
  else target.on(type, caller);
}

/** Adds a listener of a type that there is, once. */
export function addListener(target: Target, type: string, handler: Listener<Event>, once: boolean): void {
  if (!Object.hasOwn(makers, type)) return;
  if (callersOf(target, type, false).some((caller) => caller[handlerKey] === handler)) return;
  listen(target, type as EventType, handler, false, once);
}

/** Removes what `addListener` added. */
export function removeListener(target: Target, type: string, handler: unknown): void {
  const caller = callersOf(target, type, false).find((one) => one[handlerKey] === handler);
  if (caller !== undefined) target.removeListener(type, caller);
}

/** The handler of an `on…` attribute; null where there is none. */
export function attribute<E>(target: Target, type: EventType): ((event: E) => void) | null {
  const [caller] = callersOf(target, type, true);
  return caller === undefined ? null : (caller[handlerKey] as (event: E) => void);
}

/** Sets it; what is no function takes it away. */
export function setAttribute(target: Target, type: EventType, handler: unknown): void {
  const [caller] = callersOf(target, type, true);
  if (caller !== undefined) target.removeListener(type, caller);
  if (typeof handler === "function") listen(target, type, handler as (event: Event) => void, true, false);
}
