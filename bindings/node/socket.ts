// The light socket that a server's handlers are called with: a connection, the Node socket under it, and a place for the
// application's own data. It adds no protocol: Connection has that.

import type { Socket as NetSocket } from "node:net";
import type { OctetSource } from "../codec/octets.ts";
import type { CloseReport } from "../connection/closing.ts";
import { Connection, type ReadyState, type SendOptions } from "../connection/connection.ts";
import type { Done } from "../connection/outbox.ts";
import type { ConnectionSettings } from "../connection/settings.ts";
import type { Extension } from "../handshake/index.ts";
import type { StreamSink } from "./stream-reader.ts";
import { StreamTransport } from "./stream-transport.ts";

/** What the handshake agreed. */
export interface Agreement {
  readonly protocol: string;
  readonly extensions: readonly Extension[];
}

/** One WebSocket connection of a server. */
export class Socket<Data = unknown> {
  /** The application's own; undefined until it is set. */
  data: Data | undefined = undefined;
  /** The subprotocol agreed, "" for none. */
  readonly protocol: string;
  /** The extensions agreed. */
  readonly extensions: readonly Extension[];
  private readonly connection: Connection<Socket<Data>>;
  private readonly stream: NetSocket;

  /** @internal */
  constructor(stream: NetSocket, settings: ConnectionSettings<Socket<Data>>, agreement: Agreement) {
    this.protocol = agreement.protocol;
    this.extensions = agreement.extensions;
    this.stream = stream;
    const transport = new StreamTransport(stream);
    this.connection = new Connection<Socket<Data>>(settings, { transport, context: this });
    transport.carry(this.connection as unknown as Connection<never>);
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
    return this.stream.remoteAddress;
  }

  /** What each side's Close said and who was first; null while nobody closes. */
  get closeReport(): CloseReport | null {
    return this.connection.closeReport;
  }

  /** Sends a message; see Connection.send. */
  send(data: string | OctetSource, options?: SendOptions | Done, done?: Done): boolean {
    return this.connection.send(data, options, done);
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
  }

  /** Drops the connection; see Connection.terminate. */
  terminate(): void {
    this.connection.terminate();
  }

  /** Stops delivery and reading; see Connection.pause. */
  pause(): void {
    this.connection.pause();
  }

  /** Goes on; what was held back is delivered before this returns. */
  resume(): void {
    this.connection.resume();
  }

  /** Writes now what would leave at the end of the batch or the tick. */
  flush(): void {
    this.connection.flush();
  }
}

/** The connection of a socket, for the server that made it. @internal */
export function connectionOf<Data>(socket: Socket<Data>): Connection<Socket<Data>> {
  return (socket as unknown as { connection: Connection<Socket<Data>> }).connection;
}

/** Whoever keeps a socket while it lives. @internal */
export interface SocketKeeper<Data> {
  forget(socket: Socket<Data>): void;
}

/** Brings what arrives on a stream to a socket's connection. @internal */
export class SocketSink<Data> implements StreamSink {
  private readonly socket: Socket<Data>;
  private readonly keeper: SocketKeeper<Data>;

  constructor(socket: Socket<Data>, keeper: SocketKeeper<Data>) {
    this.socket = socket;
    this.keeper = keeper;
  }

  arrived(chunk: Uint8Array): void {
    connectionOf(this.socket).receive(chunk, ownChunk);
  }

  ended(): void {
    connectionOf(this.socket).receiveEnd();
  }

  closed(error: unknown): void {
    this.keeper.forget(this.socket);
    connectionOf(this.socket).transportClosed(error);
  }
}

const ownChunk = { mayOverwrite: true } as const;
