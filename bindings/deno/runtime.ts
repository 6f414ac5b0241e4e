// The part of Deno that this folder uses, as types: whoever compiles against the package need not have Deno's.

/** A connection that Deno has accepted. */
export interface Conn {
  readonly remoteAddr: { readonly hostname?: string; readonly path?: string };
  read(octets: Uint8Array): Promise<number | null>;
  write(octets: Uint8Array): Promise<number>;
  close(): void;
  closeWrite(): Promise<void>;
  /** Of TCP alone. */
  setNoDelay?(noDelay?: boolean): void;
}

export type Address =
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

export interface DenoListener {
  readonly addr: Address;
  accept(): Promise<Conn>;
  close(): void;
}

interface Deno {
  listen(options: object): DenoListener;
  listenTls(options: object): DenoListener;
}

/** @throws Error outside of Deno */
export function deno(): Deno {
  const { Deno: found } = globalThis as { readonly Deno?: Deno };
  if (found === undefined) throw new Error("wsimd/deno runs on Deno: elsewhere there are wsimd/node and wsimd/bun");
  return found;
}
