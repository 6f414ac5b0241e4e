// What lies between a stream and the connection of a WebSocket of ws's: the way out, and whoever is told what arrives. How
// sockets are read is found out once for the process; until that is known, and where it does not work, by events.

import { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { currentKernel } from "../kernel/select.ts";
import { ReaderChoice } from "../node/reader-choice.ts";
import { takeOver } from "../node/stream-reader.ts";
import { StreamTransport } from "../node/stream-transport.ts";
import { readEnvironment } from "../runtime/environment.ts";
import { environmentTransport, type TransportName } from "../runtime/transport-option.ts";
import type { LinkSink } from "../socket/link.ts";
import type { EndpointConnection } from "./connection.ts";

const choices = new Map<TransportName, ReaderChoice>();

/** How the sockets of servers and clients made from now on are read. */
let current: ReaderChoice | null = null;

/**
 * Begins to find out how sockets can be read: there will be some. Asked for before each server and each client.
 *
 * @throws  UsageError for a wrong variable of the environment
 */
export function prepareToRead(): void {
  readEnvironment();
  const name = environmentTransport();
  current = choices.get(name) ?? new ReaderChoice(name, currentKernel());
  choices.set(name, current);
  void current.make();
}

function readerChoice(): ReaderChoice {
  if (current === null) prepareToRead();
  return current!;
}

const ownChunk = { mayOverwrite: true } as const;

/** Whose stream it is. */
export interface TransportOwner {
  /** Told once, after the connection was. */
  _streamClosed(): void;
}

export class SocketTransport extends StreamTransport implements LinkSink {
  private sink: EndpointConnection | null = null;
  private readonly owner: TransportOwner;
  /** What was read before, until it is delivered. */
  private rest: Uint8Array | null = null;
  private hasArrived = false;
  isGone = false;

  constructor(stream: Duplex, owner: TransportOwner) {
    super(stream, readerChoice().writer);
    this.owner = owner;
  }

  /** Reads for `connection`; what was read before is delivered in a tick of its own, when whoever listens has begun to. */
  begin(connection: EndpointConnection, head: Uint8Array): void {
    this.sink = connection;
    this.carry(connection as unknown as Parameters<StreamTransport["carry"]>[0]);
    const { stream } = this;
    const { read } = readerChoice();
    // A stream of the application's that holds nothing is not asked for more: what it is given in this tick comes later.
    if (!(stream instanceof NetSocket) && stream.readableLength === 0 && head.length === 0) {
      read(stream, this);
      return;
    }
    const rest = takeOver(stream, this, read, head);
    if (rest.length === 0) return;
    this.rest = rest;
    process.nextTick(() => this.deliverRest());
  }

  /** Also where a stream of the application's brings more in the same tick. */
  private deliverRest(): void {
    const { rest } = this;
    this.rest = null;
    if (rest !== null) this.sink!.receive(rest, ownChunk);
  }

  arrived(chunk: Uint8Array): void {
    this.hasArrived = true;
    if (this.rest !== null) this.deliverRest();
    this.sink!.receive(chunk, ownChunk);
  }

  landed(_region: Uint8Array, length: number): void {
    this.sink!.receiveLanded(length);
  }

  ended(): void {
    this.deliverRest();
    this.sink!.receiveEnd();
  }

  /** Delivers what has come, and was held back: the end is near. */
  bringAll(): void {
    this.deliverRest();
    this.sink!.resume();
    const { stream } = this;
    if (stream.readableLength === 0) return;
    // What is read is told to listeners of `data` too, until the stream has closed: then it has been received.
    this.hasArrived = false;
    const chunk = stream.read(stream.readableLength) as Buffer | null;
    if (chunk !== null && !this.hasArrived) this.sink!.receive(chunk, ownChunk);
  }

  closed(error: unknown): void {
    this.isGone = true;
    this.bringAll();
    this.sink!.transportClosed(error);
    this.owner._streamClosed();
  }
}
