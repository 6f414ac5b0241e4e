// What a connection asks of whatever carries its octets. Node's sockets, other runtimes' and tests implement it; the
// connection knows no more of them than this.

/** The way out of a connection. */
export interface Transport {
  /**
   * Takes octets for the peer, in order.
   *
   * @param octets  the transport's until it is done with them: at once if it returns true, else until it has called
   *                `Connection.writeCompleted`, once for each such write, in order
   * @param more    whether another write follows in the same turn, to go out with this one
   * @returns       whether the octets are taken: copied, or with the kernel
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
