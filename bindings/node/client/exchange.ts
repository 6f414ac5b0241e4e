// One request and its answer on a stream of our own: writes the head, reads heads until one is the answer.
// Judges nothing but the form of a head: opening.ts does.

import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { HandshakeRequest, ResponseHead } from "../../handshake/index.ts";
import { AnswerReader, noAnswer } from "../../socket/client-handshake.ts";
import type { OctetSink } from "../../socket/link.ts";
import { readByEvents } from "../stream-reader.ts";
import { dial, whenReady } from "./dial.ts";
import type { OpeningSettings } from "./options.ts";

/** Whom an exchange tells, once. */
export interface Asker {
  /** The answer has come. The stream is the asker's now, and so are the octets that followed the head. */
  answered(response: ResponseHead, stream: Duplex, rest: Uint8Array): void;
  /** There will be no answer. The stream is destroyed. */
  failed(error: unknown): void;
}

/** A request under way. */
export interface Exchange {
  /** Gives it up: nothing is told any more. */
  cancel(): void;
}

/** An exchange on a stream that dial.ts makes. */
export class DirectExchange implements Exchange, OctetSink {
  private readonly request: HandshakeRequest;
  private readonly settings: OpeningSettings;
  private readonly tls: TlsOptions;
  private readonly asker: Asker;
  private readonly canceller = new AbortController();
  private readonly reader: AnswerReader;
  private stream: Duplex | null = null;
  private isOver = false;

  constructor(request: HandshakeRequest, settings: OpeningSettings, tls: TlsOptions, asker: Asker) {
    this.request = request;
    this.settings = settings;
    this.tls = tls;
    this.asker = asker;
    this.reader = new AnswerReader(settings.bounds);
  }

  /** Dials, and asks. */
  start(): void {
    try {
      const stream = dial(this.request, this.settings, this.tls, this.canceller.signal);
      if ("then" in stream) stream.then((made) => this.begin(made)).catch((error: unknown) => this.fail(error));
      else this.begin(stream);
    } catch (error) {
      this.fail(error);
    }
  }

  cancel(): void {
    this.isOver = true;
    this.canceller.abort();
    this.stream?.destroy();
  }

  arrived(chunk: Uint8Array): void {
    if (this.isOver) return;
    try {
      const answer = this.reader.push(chunk);
      if (answer === null) return;
      this.isOver = true;
      this.asker.answered(answer.response, this.stream!, answer.rest);
    } catch (error) {
      this.fail(error);
    }
  }

  ended(): void {
    if (this.isOver) return;
    try {
      this.reader.end();
    } catch (error) {
      this.fail(error);
    }
  }

  closed(error: unknown): void {
    this.fail(error ?? noAnswer());
  }

  private begin(stream: Duplex): void {
    if (this.isOver) {
      stream.on("error", () => {}).destroy();
      return;
    }
    if (stream.destroyed) throw stream.errored ?? noAnswer(); // it tells no more
    this.stream = stream;
    (stream as Partial<NetSocket>).setNoDelay?.(true);
    readByEvents(stream, this);
    whenReady(stream, () => {
      if (!this.isOver) stream.write(this.request.head);
    });
  }

  private fail(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stream?.destroy();
    this.asker.failed(error);
  }
}
