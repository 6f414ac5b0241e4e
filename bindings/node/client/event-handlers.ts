// How a WebSocket is listened to: EventTarget with the types of its events, and the `on…` attributes. HTML §8.1.8.1.

import type { CloseEvent, ErrorEvent, MessageEvent } from "./events.ts";

/** Every event of a WebSocket by its type. */
export interface WebSocketEventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: ErrorEvent;
  readonly close: CloseEvent;
}

type Listener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown } | null;

/** How a listener is registered. */
interface ListenerOptions {
  readonly capture?: boolean;
  readonly once?: boolean;
  readonly passive?: boolean;
  readonly signal?: AbortSignal;
}

/** An EventTarget whose listeners know the events of a WebSocket. */
interface TypedEventTarget extends EventTarget {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: boolean | ListenerOptions,
  ): void;
  addEventListener(type: string, listener: Listener<Event>, options?: boolean | object): void;
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: boolean | { readonly capture?: boolean },
  ): void;
  removeEventListener(type: string, listener: Listener<Event>, options?: boolean | object): void;
}

/** EventTarget itself, with those types. */
export const WebSocketEventTarget: new () => TypedEventTarget = EventTarget as new () => TypedEventTarget;

/** What an `on…` attribute holds. A method's type, so that handlers of the DOM's own event types are taken too. */
export type EventHandler<E> = { call(event: E): unknown }["call"] | null;

/** The listeners of one object's `on…` attributes: one a type, which keeps its place while its handler changes. */
export class EventHandlers {
  private readonly target: EventTarget;
  private readonly handlers = new Map<string, EventHandler<never>>();

  constructor(target: EventTarget) {
    this.target = target;
  }

  get<E>(type: string): EventHandler<E> {
    return (this.handlers.get(type) as EventHandler<E> | undefined) ?? null;
  }

  /** HTML §8.1.8.1: anything but an object is null; the listener goes away with its handler. */
  set(type: string, value: unknown): void {
    const handler = (typeof value === "object" || typeof value === "function" ? value : null) as EventHandler<never>;
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
