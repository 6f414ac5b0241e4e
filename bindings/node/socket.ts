// The light socket that handlers are called with, a server's and a client's: a connection, the stream under it, and a place
// for the application's own data. It adds no protocol: Connection has that.

import type { Duplex } from "node:stream";
import type { OctetSource } from "../codec/octets.ts";
import type { Done } from "../connection/calls.ts";
import type { CloseReport } from "../connection/closing.ts";
import { Connection, type SendOptions } from "../connection/connection.ts";
import type { ConnectionExtension } from "../connection/extension.ts";
import { Inbox, type Message } from "../connection/inbox.ts";
import { ReadyState } from "../connection/life.ts";
import { leaveMessages } from "../connection/loops.ts";
import { MessageStream } from "../connection/message-stream.ts";
import type { MessageSource } from "../connection/outgoing.ts";
import type { PreparedMessage } from "../connection/prepared.ts";
import type { ConnectionSettings } from "../connection/settings.ts";
import { UsageError } from "../errors/classes.ts";
import type { Extension } from "../handshake/index.ts";
import type { HandleWriter } from "./handle-writer.ts";
import { showBy } from "./inspected.ts";
import { remoteAddressOf } from "./remote-address.ts";
import type { MemorySink } from "./stream-reader.ts";
import { StreamTransport } from "./stream-transport.ts";
import { afterMicrotasks } from "./tasks.ts";

/** What the handshake agreed. */
export interface Agreement {
  readonly protocol: string;
  readonly extensions: readonly Extension[];
  /** What they do to the connection. */
  readonly extension?: ConnectionExtension | undefined;
}

/** One WebSocket connection. */
export class Socket<Data = unknown> {
  /** The application's own; undefined until it is set. */
  data: Data | undefined = undefined;
  /** The subprotocol agreed, "" for none. */
  readonly protocol: string;
  /** The extensions agreed. */
  readonly extensions: readonly Extension[];
  /** What waits for a loop; null where nobody iterates. @internal */
  inbox: Inbox | null = null;
  private readonly connection: Connection<Socket<Data>>;
  private readonly transport: SocketTransport<Data>;

  /** @internal */
  constructor(
    stream: Duplex,
    settings: ConnectionSettings<Socket<Data>>,
    agreement: Agreement,
    writer: HandleWriter | null = null,
  ) {
    this.protocol = agreement.protocol;
    this.extensions = agreement.extensions;
    this.transport = new SocketTransport(stream, this, writer);
    this.connection = new Connection<Socket<Data>>(settings, {
      transport: this.transport,
      context: this,
      extension: agreement.extension,
    });
    this.transport.carry(this.connection as unknown as Connection<never>);
    // A client may begin its loop when it likes; for a server's socket see `expectLoop`.
    if (this.isIterable && settings.role === "client") this.inbox = new Inbox(this.connection.gate, afterMicrotasks);
  }

  /**
   * Keeps messages while a server's `open` is under way: it may await something before it begins its loop. Where it ends
   * without one, they are dropped, as they are where `open` gives no promise.
   *
   * @returns  what `open` gave, its `then` called at most once: to be watched in its place
   * @internal
   */
  expectLoop(opened: unknown): unknown {
    const isPromise = typeof (opened as PromiseLike<unknown> | undefined)?.then === "function";
    if (!isPromise || !this.isIterable || this.inbox !== null) return opened;
    const opening = Promise.resolve(opened);
    const inbox = new Inbox(this.connection.gate, afterMicrotasks);
    this.inbox = inbox;
    inbox.expect();
    const settled = (): void => {
      if (!inbox.wasRead) this.inbox = null;
      inbox.expectNoMore();
    };
    opening.then(settled, settled);
    return opening;
  }

  /** See Connection. */
  get readyState(): ReadyState {
    return this.connection.readyState;
  }

  /** Payload octets that the kernel has not taken. */
  get bufferedAmount(): number {
    return this.connection.bufferedAmount;
  }

  /** The peer's address, also in the `close` handler, unless the socket broke off. */
  get remoteAddress(): string | undefined {
    return remoteAddressOf(this.transport.stream);
  }

  private get isIterable(): boolean {
    return leaveMessages(this.connection.handlers);
  }

  /** What each side's Close said and who was first; null while nobody closes. */
  get closeReport(): CloseReport | null {
    return this.connection.closeReport;
  }

  /** Sends a message; see Connection.send. */
  send(data: string | OctetSource | PreparedMessage, options?: SendOptions | Done, done?: Done): boolean {
    return this.connection.send(data, options, done);
  }

  /** Sends one message of parts that an iterable gives; see Connection.sendStream. */
  sendStream(source: MessageSource, options?: SendOptions): Promise<boolean> {
    return this.connection.sendStream(source, options);
  }

  /** Sends a ping of at most 125 octets; see Connection.ping. */
  ping(data?: string | OctetSource): boolean {
    return this.connection.ping(data);
  }

  /** Sends a pong of at most 125 octets that answers no ping. */
  pong(data?: string | OctetSource): boolean {
    return this.connection.pong(data);
  }

  /** Starts the closing handshake; see Connection.close. */
  close(code?: number, reason?: string | OctetSource): void {
    this.connection.close(code, reason);
    this.inbox?.closing();
  }

  /** Drops the connection; see Connection.terminate. */
  terminate(): void {
    this.inbox?.terminated();
    this.connection.terminate();
  }

  /** Stops delivery and reading; see Connection.pause. */
  pause(): void {
    this.inbox?.overrule();
    this.connection.pause();
  }

  /** Goes on; what was held back is delivered before this returns. */
  resume(): void {
    this.inbox?.overrule();
    this.connection.resume();
  }

  /** Writes now what would leave at the end of the batch or the tick. */
  flush(): void {
    this.connection.flush();
  }

  /**
   * Iterates over the messages: strings for text, octets for binary. What arrives meanwhile is kept, at most about 1 MiB:
   * above that the peer is slowed down. The loop ends when the connection is closed; after `break` another may go on.
   *
   * @throws UsageError where there is a `message` handler. The loop throws what the connection failed of, and a WsimdError,
   *         WS_ABNORMAL_CLOSURE, where it ended without a Close frame that we did not ask for
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    if (!this.isIterable) {
      throw new UsageError(
        "WS_OPTION",
        "a socket with a `message` or `stream` handler is not iterated over: it has the messages",
      );
    }
    if (this.inbox === null) {
      this.inbox = new Inbox(this.connection.gate, afterMicrotasks);
      const { closeReport } = this;
      if (closeReport?.first === "local") this.inbox.closing();
      if (this.readyState === ReadyState.CLOSED) this.inbox.closed(closeReport!);
    }
    return this.inbox.iterate();
  }
}

showBy(MessageStream.prototype, ["isBinary"]);
showBy(Socket.prototype, ["readyState", "protocol", "remoteAddress", "bufferedAmount", "closeReport", "data"]);

/** The connection of a socket, for the shell that made it. @internal */
export function connectionOf<Data>(socket: Socket<Data>): Connection<Socket<Data>> {
  return (socket as unknown as { connection: Connection<Socket<Data>> }).connection;
}

/** The stream of a socket, for the shell that made it. @internal */
export function streamOf<Data>(socket: Socket<Data>): Duplex {
  return (socket as unknown as { transport: SocketTransport<Data> }).transport.stream;
}

/** Whoever keeps a socket while it lives. @internal */
export interface SocketKeeper<Data> {
  forget(socket: Socket<Data>): void;
}

/**
 * What lies between a stream and a socket's connection: the way out, and whoever is told what arrives. One object for both, for
 * a server has one a connection.
 *
 * @internal
 */
export class SocketTransport<Data> extends StreamTransport implements MemorySink {
  private readonly socket: Socket<Data>;
  private keeper: SocketKeeper<Data> | null = null;
  private isGone = false;

  constructor(stream: Duplex, socket: Socket<Data>, writer: HandleWriter | null) {
    super(stream, writer);
    this.socket = socket;
  }

  arrived(chunk: Uint8Array): void {
    connectionOf(this.socket).receive(chunk, ownChunk);
  }

  landed(_region: Uint8Array, length: number): void {
    connectionOf(this.socket).receiveLanded(length);
  }

  ended(): void {
    connectionOf(this.socket).receiveEnd();
  }

  closed(error: unknown): void {
    this.isGone = true;
    const connection = connectionOf(this.socket);
    connection.transportClosed(error);
    // What has come may wait for a loop: until then time still passes for the connection.
    if (connection.readyState === ReadyState.CLOSED) this.keeper?.forget(this.socket);
  }

  override destroy(): void {
    super.destroy();
    if (this.isGone) this.keeper?.forget(this.socket);
  }

  /** Makes `keeper` hear when the stream is gone. */
  keptBy(keeper: SocketKeeper<Data>): void {
    this.keeper = keeper;
  }
}

/** The sink of a socket, for the shell that reads its stream: `keeper` is told when that is gone. @internal */
export function sinkOf<Data>(socket: Socket<Data>, keeper: SocketKeeper<Data>): SocketTransport<Data> {
  const { transport } = socket as unknown as { transport: SocketTransport<Data> };
  transport.keptBy(keeper);
  return transport;
}

const ownChunk = { mayOverwrite: true } as const;
