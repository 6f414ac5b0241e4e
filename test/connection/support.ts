// A connection with everything around it under the test's hand: transport, clock, end of tick, and a record of what its
// handlers were told, in order.

import type { Connection } from "../../bindings/connection/connection.ts";
import { Connection as ConnectionClass } from "../../bindings/connection/connection.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import { Later } from "../../bindings/connection/later.ts";
import type { ConnectionOptions } from "../../bindings/connection/made-with.ts";
import type { Owner } from "../../bindings/connection/parts.ts";
import {
  type ConnectionHandlers,
  ConnectionSettings,
  type SettingsOptions,
} from "../../bindings/connection/settings.ts";
import type { Transport } from "../../bindings/connection/transport.ts";
import { concat, utf8 } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { eventOf as eventInHex } from "../support/reference.ts";

/** A transport that takes what it is told to take, and remembers. */
export class FakeTransport implements Transport {
  /** Copies of what was written, one for each write. */
  readonly writes: Uint8Array<ArrayBuffer>[] = [];
  /** What was written, as it was given. */
  readonly given: Uint8Array[] = [];
  readonly more: boolean[] = [];
  /** Whether writes are taken at once. */
  takes = true;
  /** "end", "destroy", "pause", "resume", as they came. */
  readonly calls: string[] = [];

  write(octets: Uint8Array, more: boolean): boolean {
    this.writes.push(Uint8Array.from(octets));
    this.given.push(octets);
    this.more.push(more);
    return this.takes;
  }

  end(): void {
    this.calls.push("end");
  }

  destroy(): void {
    this.calls.push("destroy");
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  /** All that was written. */
  get octets(): Uint8Array<ArrayBuffer> {
    return concat(...this.writes);
  }
}

/** An end of tick, or a next turn of the event loop, that comes when the test says so. */
export class FakeTick {
  private deferred: (() => void)[] = [];
  readonly tickEnd: Later = new Later((run) => this.deferred.push(run));

  /** Whether anything waits for it. */
  get isAwaited(): boolean {
    return this.deferred.length !== 0;
  }

  end(): void {
    const { deferred } = this;
    this.deferred = [];
    for (const run of deferred) run();
  }
}

/** What a shell gives its connections that serves many. */
export interface Shell {
  readonly nextTurn?: Later;
  readonly extension?: ConnectionExtension;
  /** How far the clock goes on each time it is asked: ms. */
  readonly stepMs?: number;
}

export interface Clock {
  ms: number;
}

/** What the tests hold of one connection. */
export interface Endpoint {
  readonly connection: Connection<Connection>;
  readonly transport: FakeTransport;
  readonly tick: FakeTick;
  readonly clock: Clock;
  /** The other end. */
  readonly peer: Peer;
  /** "text 48 69", "ping", "error WS_…", "drain", "close 1000 reason", in order. */
  readonly events: string[];
  /** What message handlers got, as they got it. */
  readonly data: (string | Uint8Array)[];
  readonly errors: unknown[];
  /** What the peer reads of our output so far. */
  sent(): readonly string[];
  /** Receives each chunk. */
  receive(...chunks: readonly Uint8Array[]): void;
}

type Options = Partial<Omit<SettingsOptions<Connection>, "handlers" | "now">>;
type Handlers = ConnectionHandlers<Connection>;

/** The words for what arrived: its octets in hex, or how many they are where they are many. */
function eventOf(opcode: number, octets: Uint8Array): string {
  const words = eventInHex(opcode, false, octets.length > 6000 ? octets.subarray(0, 0) : octets);
  return octets.length > 6000 ? `${words}${octets.length} octets` : words;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? ((error as { code?: string }).code ?? String(error)) : typeof error;
}

/**
 * Makes a connection.
 *
 * @param options   default role "server"
 * @param handlers  called after the event is recorded
 * @param shell     default: one that serves this connection alone, and a clock that stands still
 */
export function endpoint(options: Options = {}, handlers: Handlers = {}, shell: Shell = {}): Endpoint {
  const { nextTurn, extension, stepMs = 0 } = shell;
  const transport = new FakeTransport();
  const tick = new FakeTick();
  const clock = { ms: 1000 };
  const peer = new Peer(options.role ?? "server");
  const events: string[] = [];
  const data: (string | Uint8Array)[] = [];
  const errors: unknown[] = [];
  const { stream } = handlers;
  const recording: Handlers = {
    ...(stream && { stream }),
    message(context, message, isBinary) {
      events.push(eventOf(isBinary ? 2 : 1, typeof message === "string" ? utf8(message) : message));
      data.push(message);
      return handlers.message?.(context, message, isBinary);
    },
    ping(context, payload) {
      events.push(eventOf(9, payload));
      return handlers.ping?.(context, payload);
    },
    pong(context, payload) {
      events.push(eventOf(10, payload));
      return handlers.pong?.(context, payload);
    },
    drain(context) {
      events.push("drain");
      return handlers.drain?.(context);
    },
    error(context, error) {
      events.push(`error ${nameOf(error)}`);
      errors.push(error);
      return handlers.error?.(context, error);
    },
    close(context, code, reason) {
      events.push(`close ${code}${reason === "" ? "" : ` ${reason}`}`);
      return handlers.close?.(context, code, reason);
    },
  };
  // Whoever has a handler for streams alone is given every message so.
  if (stream !== undefined && handlers.message === undefined) delete recording.message;
  const settings = new ConnectionSettings<Connection>(
    { role: "server", ...options, handlers: recording, now: () => (clock.ms += stepMs) },
    tick.tickEnd,
    nextTurn,
  );
  const connection = new ConnectionClass<Connection>(settings, { transport, extension });
  connection satisfies Owner; // its parts call these, and declarations leave them out
  return {
    connection,
    transport,
    tick,
    clock,
    peer,
    events,
    data,
    errors,
    sent: () => peer.read(transport.octets).events,
    receive(...chunks) {
      for (const chunk of chunks) connection.receive(chunk);
    },
  };
}

/** Options for a connection without transport. */
export type BareOptions = ConnectionOptions<Connection>;

/** "close 03 ea", as `sent` has it. */
export function closeEvent(code?: number, reason = ""): string {
  if (code === undefined) return eventOf(8, new Uint8Array(0));
  return eventOf(8, concat(Uint8Array.of(code >>> 8, code & 255), utf8(reason)));
}

/** "text 48 69" for "Hi". */
export function textEvent(text: string): string {
  return eventOf(1, utf8(text));
}

/** "binary 48 69". */
export function binaryEvent(octets: Uint8Array): string {
  return eventOf(2, octets);
}

/** Lets microtasks, and the tasks they leave, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything go on that waits for ticks and microtasks. */
export async function goneOn({ tick }: Pick<Endpoint, "tick">): Promise<void> {
  for (let round = 0; round < 20 || tick.isAwaited; round++) {
    await settled();
    tick.end();
  }
}

/** What a call throws, as "UsageError WS_OPTION"; "" where it throws nothing. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { name, code } = error as { name: string; code?: string };
    return code === undefined ? name : `${name} ${code}`;
  }
  return "";
}

/** Octets that `work` copies from one array to another. */
export function copiedBy(work: () => void): number {
  let copied = 0;
  const { set } = Uint8Array.prototype;
  const Original = Uint8Array;
  Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number): void {
    copied += source.length;
    set.call(this, source, at);
  };
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, newTarget) {
      if (args[0] instanceof Original) copied += args[0].length;
      return Reflect.construct(target, args, newTarget) as Uint8Array;
    },
  });
  try {
    work();
  } finally {
    globalThis.Uint8Array = Original;
    Uint8Array.prototype.set = set;
  }
  return copied;
}

/** What reaches the process as an uncaught exception while `work` and what it leaves behind run. */
export async function uncaughtIn(work: () => void): Promise<unknown[]> {
  const caught: unknown[] = [];
  const listen = (error: unknown): void => void caught.push(error);
  process.on("uncaughtException", listen);
  try {
    work();
    await settled();
    await settled();
  } finally {
    process.off("uncaughtException", listen);
  }
  return caught;
}
