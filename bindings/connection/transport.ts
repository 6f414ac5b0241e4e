// What a connection asks of whatever carries its octets. Node's sockets, other runtimes' and tests implement it; the
// connection knows no more of them than this.

import { host } from "../host.ts";
import { wrongOption } from "../options.ts";

/** The way out of a connection. */
export interface Transport {
  /**
   * Takes octets for the peer, in order.
   *
   * @param octets  the transport's until it is done with them; nothing more is written before
   * @param more    whether another write follows in the same turn, to go out with this one; what it returns then counts
   *                for both
   * @returns       true if all octets are taken, copied or with the kernel; else the transport calls
   *                `Connection.writeCompleted` once they are, after this has returned
   */
  write(octets: Uint8Array, more: boolean): boolean;
  /**
   * Whether what it is given is as a rule not taken when `write` returns. Few octets are then given in memory of their size: one
   * large piece for each connection that writes at the same time would be fresh memory every time.
   */
  readonly keepsOctets?: boolean;
  /** Falls while what it was given is passed on, where it knows: a peer that takes octets is not silent. */
  readonly unsentLength?: number;
  /** Half-closes once what was written is out. No write follows. */
  end(): void;
  /** Drops the connection at once, with whatever was not written. */
  destroy(): void;
  /** Stops and restarts the arrival of octets; one `resume` ends any number of pauses. Those under way may still arrive. */
  pause?(): void;
  resume?(): void;
}

/** A transport for those who only want octets. @throws UsageError for anything but a function */
export function transportOf(write: ((octets: Uint8Array) => unknown) | undefined): Transport | undefined {
  if (write === undefined) return undefined;
  if (typeof write !== "function") throw wrongOption("write", "a function", write);
  return {
    write: (octets) => {
      const copy = host.allocate(octets.length); // the callee's: it may keep it as long as it likes
      copy.set(octets);
      write(copy);
      return true;
    },
    end() {},
    destroy() {},
  };
}

/** Returns a transport as it is. @throws UsageError for what lacks a part of one */
export function checkTransport(transport: Transport | undefined): Transport | undefined {
  if (transport === undefined) return undefined;
  if (typeof transport !== "object" || transport === null) throw wrongOption("transport", "an object", transport);
  for (const name of ["write", "end", "destroy"] as const) {
    if (typeof transport[name] !== "function") throw wrongOption(`transport.${name}`, "a function", transport[name]);
  }
  return transport;
}
