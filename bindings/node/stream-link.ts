// A stream of Node's as a link: the way out is stream-transport.ts, how it is read is told to it.

import type { Duplex } from "node:stream";
import type { Link, LinkSink } from "../socket/link.ts";
import type { HandleWriter } from "./handle-writer.ts";
import { remoteAddressOf } from "./remote-address.ts";
import { readByEvents, type StreamReader } from "./stream-reader.ts";
import { StreamTransport } from "./stream-transport.ts";

/** How streams are read, and written to without them. */
export interface Reading {
  readonly read: StreamReader<LinkSink>;
  /** Null where nothing is. */
  readonly writer: HandleWriter | null;
}

/** For streams of which nothing is known. */
export const readingByEvents: Reading = { read: readByEvents, writer: null };

export class StreamLink extends StreamTransport implements Link {
  private readonly reading: Reading;

  constructor(stream: Duplex, reading: Reading) {
    super(stream, reading.writer);
    this.reading = reading;
  }

  get isGone(): boolean {
    return this.stream.destroyed;
  }

  get isDrained(): boolean {
    return this.stream.writableLength === 0;
  }

  get remoteAddress(): string | undefined {
    return remoteAddressOf(this.stream);
  }

  read(sink: LinkSink): void {
    this.reading.read(this.stream, sink);
  }

  say(octets: Uint8Array): void {
    this.stream.write(octets);
  }

  conclude(octets: Uint8Array, sent: () => void): void {
    this.stream.end(octets, sent);
  }
}
