// What the servers of every runtime have in common: a reception, time, and an end. Where connections come from is the
// runtime's affair.

import type { OctetSource } from "../codec/octets.ts";
import { type MessageOptions, type PreparedMessage, prepareMessage } from "../connection/prepared.ts";
import { UsageError } from "../errors/classes.ts";
import type { Socket } from "../socket/socket.ts";
import type { ServerSettings } from "./options.ts";
import type { Reception } from "./reception.ts";

export abstract class BaseServer<Data> {
  /** @internal */
  protected readonly settings: ServerSettings<Data>;
  /** @internal */
  protected readonly reception: Reception<Data>;
  private closed: Promise<void> | null = null;

  /** @internal */
  constructor(settings: ServerSettings<Data>, reception: Reception<Data>) {
    this.settings = settings;
    this.reception = reception;
  }

  /** The open connections. */
  get sockets(): ReadonlySet<Socket<Data>> {
    return this.reception.open;
  }

  /** Encodes a message once, to be sent to any number of sockets; see prepareMessage. */
  prepare(data: string | OctetSource, options?: MessageOptions): PreparedMessage {
    return prepareMessage(data, options);
  }

  /**
   * Stops: accepts no more, sends every connection 1001, and drops after `closeTimeoutMs` those that do not answer.
   *
   * @returns  once every connection is closed; calling it again returns the same promise
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    const { left } = await this.acceptNoMore();
    await this.reception.close();
    await left;
    this.end();
  }

  /** Takes no more connections from now on; resolves with what tells that nothing is left of those that it took. @internal */
  protected abstract acceptNoMore(): Promise<{ readonly left: Promise<void> }>;

  /** Begins to keep time: there may be handshakes from now on. @internal */
  protected begin(): void {
    this.settings.clock.add(this);
  }

  /** Keeps time no longer. @internal */
  protected end(): void {
    this.settings.clock.remove(this);
  }

  /** @internal */
  protected get isClosed(): boolean {
    return this.closed !== null;
  }

  /** @internal */
  protected checkOpen(): void {
    if (this.isClosed) throw new UsageError("WS_NOT_OPEN", "the server is closed");
  }

  // What follows is called by the clock.

  /** @internal */
  get shortestTimeoutMs(): number {
    return this.settings.shortestTimeoutMs;
  }

  /** @internal */
  tick(nowMs: number): void {
    this.reception.tick(nowMs);
  }
}
