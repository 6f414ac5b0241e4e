// The objects that event listeners get. WHATWG HTML §9.3 has their fields; they are no events of the platform, as ws's are not.

import { enumerate } from "./enumerate.ts";

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

enumerate(Event.prototype, ["type", "target"]);
enumerate(MessageEvent.prototype, ["data"]);
enumerate(CloseEvent.prototype, ["code", "reason", "wasClean"]);
enumerate(ErrorEvent.prototype, ["error", "message"]);
