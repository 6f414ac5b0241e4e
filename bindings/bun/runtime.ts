// The part of Bun that this folder uses, as types: whoever compiles against the package need not have Bun's.

/** A connection that Bun has accepted. */
export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress: string | undefined;
  /** Returns how many octets the system has taken; less than 0 where the connection is gone. */
  write(octets: Uint8Array): number;
  /** Half-closes. */
  shutdown(): void;
  /** Closes both ways; what the system has taken still leaves. (`terminate` resets.) */
  close(): void;
  pause(): void;
  resume(): void;
  setNoDelay(noDelay: boolean): boolean;
}

/** One object of callbacks for all connections of a listener. */
export interface BunHandlers<Data> {
  open(socket: BunSocket<Data>): void;
  /** The chunk's memory is the callee's. */
  data(socket: BunSocket<Data>, chunk: Uint8Array): void;
  /** The peer's FIN. */
  end(socket: BunSocket<Data>): void;
  drain(socket: BunSocket<Data>): void;
  error(socket: BunSocket<Data>, error: unknown): void;
  close(socket: BunSocket<Data>, error: unknown): void;
}

export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  readonly unix: string | undefined;
  stop(closeConnections?: boolean): void;
}

interface Bun {
  listen<Data>(options: { readonly socket: BunHandlers<Data>; readonly [name: string]: unknown }): BunListener;
}

/** @throws Error outside of Bun */
export function bun(): Bun {
  const { Bun: found } = globalThis as { readonly Bun?: Bun };
  if (found === undefined) throw new Error("wsimd/bun runs on Bun: elsewhere there are wsimd/node and wsimd/deno");
  return found;
}
