// Writes pieces in order, some with a pause after them, so that they arrive apart. Whatever is sent later waits its turn.

import type { Socket } from "node:net";

/** What follows a piece before the next one is written: nothing, a turn of the event loop, or 1 ms. */
export type Pause = "none" | "turn" | "1 ms";

export class Pacer {
  private readonly socket: Socket;
  private queue: { readonly octets: Uint8Array; readonly pause: Pause }[] = [];
  private isPausing = false;
  private isEnding = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
  }

  /** Sends octets, which must not change any more. */
  send(octets: Uint8Array, pause: Pause = "none"): void {
    this.queue.push({ octets, pause });
    if (!this.isPausing) this.writeUntilPause();
  }

  /** Closes the socket once all is written. */
  end(): void {
    this.isEnding = true;
    if (!this.isPausing) this.writeUntilPause();
  }

  /** Forgets what is not written. */
  stop(): void {
    this.queue = [];
  }

  private writeUntilPause(): void {
    this.isPausing = false;
    for (let piece = this.queue.shift(); piece !== undefined; piece = this.queue.shift()) {
      if (this.socket.writable) this.socket.write(piece.octets);
      if (piece.pause === "none") continue;
      this.isPausing = true;
      const goOn = (): void => void setImmediate(() => this.writeUntilPause());
      if (piece.pause === "turn") goOn();
      else setTimeout(goOn, 1); // a late timer comes before sockets are read, an immediate after
      return;
    }
    if (this.isEnding) this.socket.destroySoon();
  }
}
