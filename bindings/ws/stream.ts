// A WebSocket as a stream of octets: each message is a chunk, each chunk a message.

import { Duplex, type DuplexOptions } from "node:stream";
import type { WebSocket } from "./websocket.ts";

const CONNECTING = 0;
const CLOSED = 3;

/**
 * Makes a stream of a WebSocket. Reading slowly slows its peer down; ending it closes the WebSocket, destroying it drops it.
 *
 * @param options  of the stream; text is a string with `readableObjectMode`
 */
export function createWebSocketStream(websocket: WebSocket, options: DuplexOptions = {}): Duplex {
  return new WebSocketStream(websocket, options);
}

class WebSocketStream extends Duplex {
  readonly #websocket: WebSocket;
  /** Whether the WebSocket is dropped with the stream: not where it has failed, and says so to its peer. */
  #drops = true;

  constructor(websocket: WebSocket, options: DuplexOptions) {
    super({ ...options, autoDestroy: false, emitClose: false, objectMode: false, writableObjectMode: false });
    this.#websocket = websocket;
    websocket.on("message", (message: Buffer, isBinary: boolean) => {
      const isString = !isBinary && this.readableObjectMode;
      if (!this.push(isString ? message.toString() : message)) websocket.pause();
    });
    websocket.once("error", (error: Error) => {
      if (this.destroyed) return;
      this.#drops = false;
      this.destroy(error);
    });
    websocket.once("close", () => {
      if (!this.destroyed) this.push(null);
    });
    this.on("end", () => {
      if (!this.destroyed && this.writableFinished) this.destroy();
    });
    this.on("error", this.#failed);
  }

  /** The stream is gone with its error, which is uncaught where nobody else listens for it. */
  readonly #failed = (error: Error): void => {
    this.removeListener("error", this.#failed);
    this.destroy();
    if (this.listenerCount("error") === 0) this.emit("error", error);
  };

  override _read(): void {
    if (this.#websocket.isPaused) this.#websocket.resume();
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const websocket = this.#websocket;
    if (websocket.readyState === CONNECTING) websocket.once("open", () => this._write(chunk, encoding, callback));
    else websocket.send(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    const websocket = this.#websocket;
    if (websocket.readyState === CONNECTING) {
      websocket.once("open", () => this._final(callback));
      return;
    }
    const { _socket: socket } = websocket;
    if (socket === null) return; // its handshake failed: the error is on its way
    const finished = (): void => {
      callback();
      if (this.readableEnded) this.destroy();
    };
    // A peer that ended without a Close leaves a socket that is destroyed, and never says that it has finished.
    if (socket.writableFinished || socket.destroyed) {
      finished();
      return;
    }
    socket.once("finish", () => callback());
    websocket.close();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const websocket = this.#websocket;
    const closed = (): void => void process.nextTick(() => this.emit("close"));
    if (websocket.readyState === CLOSED) {
      callback(error);
      closed();
      return;
    }
    let isTold = false;
    websocket.once("error", (failure: Error) => {
      isTold = true;
      callback(failure);
    });
    websocket.once("close", () => {
      if (!isTold) callback(error);
      closed();
    });
    if (this.#drops) websocket.terminate();
  }
}
