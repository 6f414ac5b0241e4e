// A client's place on the clock. A server ticks its own sockets.

import { ReadyState } from "../connection/life.ts";
import type { Clock, Timed } from "./clock.ts";
import { connectionOf, type Socket, type SocketKeeper } from "./socket.ts";

export class Membership<Data> implements SocketKeeper<Data>, Timed {
  readonly shortestTimeoutMs: number;
  protected readonly socket: Socket<Data>;
  private readonly clock: Clock;

  constructor(socket: Socket<Data>, clock: Clock) {
    const { closeTimeoutMs, idleTimeoutMs } = connectionOf(socket).timeouts;
    this.socket = socket;
    this.clock = clock;
    this.shortestTimeoutMs = Math.min(closeTimeoutMs, idleTimeoutMs / 2);
    clock.add(this);
  }

  tick(nowMs: number): void {
    connectionOf(this.socket).tick(nowMs);
    if (this.socket.readyState === ReadyState.CLOSED) this.forget(this.socket); // not every link tells that it is closed
  }

  forget(_socket: Socket<Data>): void {
    this.clock.remove(this);
  }
}
