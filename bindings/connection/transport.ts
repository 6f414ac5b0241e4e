// What a connection asks of whatever carries its octets. Node's sockets, other runtimes' and tests implement it; the
// connection knows no more of them than this.

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
  /** Half-closes once what was written is out. No write follows. */
  end(): void;
  /** Drops the connection at once, with whatever was not written. */
  destroy(): void;
  /** Stops and restarts the arrival of octets. Those under way may still arrive. */
  pause?(): void;
  resume?(): void;
}
