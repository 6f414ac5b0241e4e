// What lies between a stream and the connection of a WebSocket of ws's: the way out, and whoever is told what arrives. How
// sockets are read is found out once for the process; until that is known, and where it does not work, by events.

import type { Duplex } from "node:stream";
import { currentKernel } from "../kernel/select.ts";
import { environmentTransport, readEnvironment } from "../node/environment.ts";
import { ReaderChoice } from "../node/reader-choice.ts";
import { type MemorySink, takeOver } from "../node/stream-reader.ts";
import { StreamTransport } from "../node/stream-transport.ts";
import type { EndpointConnection } from "./connection.ts";

let choice: ReaderChoice | null = null;

function readerChoice(): ReaderChoice {
  if (choice === null) {
    readEnvironment();
    choice = new ReaderChoice(environmentTransport(), currentKernel());
  }
  return choice;
}

/** Begins to find out how sockets can be read: there will be some. */
export function prepareToRead(): void {
  void readerChoice().make();
}

const ownChunk = { mayOverwrite: true } as const;

export class SocketTransport extends StreamTransport implements MemorySink {
  private sink: EndpointConnection | null = null;
  private readonly onGone: () => void;
  isGone = false;

  /** @param onGone  called once when the stream is closed, after the connection was told */
  constructor(stream: Duplex, onGone: () => void) {
    super(stream, readerChoice().writer);
    this.onGone = onGone;
  }

  /** Reads for `connection`; what was read before is delivered in a tick of its own, when whoever listens has begun to. */
  begin(connection: EndpointConnection, head: Uint8Array): void {
    this.sink = connection;
    this.carry(connection as unknown as Parameters<StreamTransport["carry"]>[0]);
    const rest = takeOver(this.stream, this, readerChoice().read, head);
    if (rest.length !== 0) process.nextTick(() => this.arrived(rest));
  }

  arrived(chunk: Uint8Array): void {
    this.sink!.receive(chunk, ownChunk);
  }

  landed(_region: Uint8Array, length: number): void {
    this.sink!.receiveLanded(length);
  }

  ended(): void {
    this.sink!.receiveEnd();
  }

  closed(error: unknown): void {
    this.isGone = true;
    this.sink!.transportClosed(error);
    this.onGone();
  }
}
