// The light socket that handlers are called with, a server's and a client's: a connection, the link under it, and a place
// for the application's own data. It adds no protocol: Connection has that.

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
import type { ConnectionHandlers, ConnectionSettings } from "../connection/settings.ts";
import { UsageError } from "../errors/classes.ts";
import type { Extension, ResponseHead } from "../handshake/index.ts";
import { showBy } from "./inspected.ts";
import type { Link, LinkSink } from "./link.ts";

/** What the handshake agreed. */
export interface Agreement {
  readonly protocol: string;
  readonly extensions: readonly Extension[];
  /** What they do to the connection. */
  readonly extension?: ConnectionExtension | undefined;
}

/** A connection whose end somebody may wait for. */
class SocketConnection<Data> extends Connection<Socket<Data>> {
  /** Called when it is over. */
  private whenFinished: (() => void) | null = null;

  /** @internal */
  get timeouts(): Pick<ConnectionSettings<unknown>, "closeTimeoutMs" | "idleTimeoutMs"> {
    return this.settings;
  }

  /** @internal */
  get afterMicrotasks(): (run: () => void) => void {
    return this.settings.tickEnd.defer;
  }

  /** Has a function called when it is over; not where it is. @internal */
  onFinish(run: () => void): void {
    const { whenFinished: before } = this;
    this.whenFinished = () => {
      before?.();
      run();
    };
  }

  protected override finish(error?: unknown, first?: "local" | "peer"): void {
    super.finish(error, first);
    const { whenFinished } = this;
    this.whenFinished = null;
    whenFinished?.();
  }
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
  private readonly connection: SocketConnection<Data>;
  private readonly link: Link;

  /** @internal */
  constructor(link: Link, settings: ConnectionSettings<Socket<Data>>, agreement: Agreement) {
    this.protocol = agreement.protocol;
    this.extensions = agreement.extensions;
    this.link = link;
    this.connection = new SocketConnection<Data>(settings, {
      transport: link,
      context: this,
      extension: agreement.extension,
    });
    link.carry(this.connection);
    // A client may begin its loop when it likes; for a server's socket see `expectLoop`.
    if (settings.role === "client") this.keepMessages();
  }

  /** Keeps messages for a loop that may begin at any time, where no handler has them. @internal */
  keepMessages(): void {
    if (this.isIterable) this.inbox ??= this.makeInbox();
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
    const inbox = this.makeInbox();
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
    return this.link.remoteAddress;
  }

  private get isIterable(): boolean {
    return leaveMessages(this.connection.handlers);
  }

  private makeInbox(): Inbox {
    return new Inbox(this.connection.gate, this.connection.afterMicrotasks);
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
      this.inbox = this.makeInbox();
      const { closeReport } = this;
      if (closeReport?.first === "local") this.inbox.closing();
      if (this.readyState === ReadyState.CLOSED) this.inbox.closed(closeReport!);
    }
    return this.inbox.iterate();
  }
}

showBy(MessageStream.prototype, ["isBinary"]);
showBy(Socket.prototype, ["readyState", "protocol", "remoteAddress", "bufferedAmount", "closeReport", "data"]);

/** What a client does with what arrives. Without `message` the socket is iterated over. */
export interface ClientHandlers<Data> extends ConnectionHandlers<Socket<Data>> {
  /** The opening handshake is done; messages follow when this has returned. */
  open?(socket: Socket<Data>, response: ResponseHead): unknown;
}

/** The connection of a socket, for the shell that made it. @internal */
export function connectionOf<Data>(socket: Socket<Data>): SocketConnection<Data> {
  return (socket as unknown as { connection: SocketConnection<Data> }).connection;
}

/** The link of a socket, for the shell that made it. @internal */
export function linkOf<Data>(socket: Socket<Data>): Link {
  return (socket as unknown as { link: Link }).link;
}

/** Whoever keeps a socket while it lives. */
export interface SocketKeeper<Data> {
  forget(socket: Socket<Data>): void;
}

/** Brings what arrives on a socket's link to its connection. @internal */
export class SocketSink<Data> implements LinkSink {
  private readonly socket: Socket<Data>;
  private readonly keeper: SocketKeeper<Data>;

  constructor(socket: Socket<Data>, keeper: SocketKeeper<Data>) {
    this.socket = socket;
    this.keeper = keeper;
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
    const connection = connectionOf(this.socket);
    connection.transportClosed(error);
    // What has come may wait for a loop: until then time still passes for the connection.
    if (connection.readyState === ReadyState.CLOSED) this.keeper.forget(this.socket);
    else connection.onFinish(() => this.keeper.forget(this.socket));
  }
}

const ownChunk = { mayOverwrite: true } as const;

/** The sink of a socket, for the shell that has its link read: `keeper` is told when that is gone. @internal */
export function sinkOf<Data>(socket: Socket<Data>, keeper: SocketKeeper<Data>): SocketSink<Data> {
  return new SocketSink(socket, keeper);
}
